/** @file Becomes `sw.js`: gives the page its own files when the server does not. Answers of the server, bundles and keys do not pass through it. */
import { createAppCache } from './app-cache.js';
import type { AppFile } from './app-files.js';
import type { FromServiceWorker, ToServiceWorker } from './messages.js';

/** Written in by the build. */
declare const APP_FILES: readonly AppFile[];

/** As much of a service worker's world as is used; the types of pages are without it. */
type Extendable = Event & { waitUntil(promise: Promise<unknown>): void };
type World = {
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { readonly includeUncontrolled: boolean }): Promise<readonly { postMessage(message: FromServiceWorker): void }[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: Extendable) => void): void;
  addEventListener(type: 'fetch', listener: (event: Event & { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void): void; // biome-ignore format: one line
  addEventListener(type: 'message', listener: (event: MessageEvent<ToServiceWorker>) => void): void;
};
const world = globalThis as unknown as World;

const app = createAppCache({
  files: APP_FILES,
  origin: location.origin,
  open: () => caches.open('copydesk-app'),
  fetch: (input, init) => fetch(input, init),
});

const orders: { readonly [K in ToServiceWorker['kind']]: () => void } = {
  'take-over': () => void world.skipWaiting(),
};

world.addEventListener('install', (event) =>
  event.waitUntil(
    app.install().catch(async (error: unknown) => {
      const noRoom = error instanceof Error && error.name === 'QuotaExceededError';
      const why = error instanceof Error ? error.message : String(error);
      for (const page of await world.clients.matchAll({ includeUncontrolled: true })) page.postMessage({ kind: 'not-kept', noRoom, why });
      throw error; // the version before it goes on
    }),
  ),
);
world.addEventListener('activate', (event) => event.waitUntil(app.clean().then(() => world.clients.claim())));
world.addEventListener('fetch', (event) => {
  const answer = app.answer(event.request);
  if (answer) event.respondWith(answer);
});
world.addEventListener('message', ({ data: { kind } }) => orders[kind]());
