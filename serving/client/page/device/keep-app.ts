/** @file The page itself on this device: its service worker, and the change to a new version of it. */
import type { FromServiceWorker, ToServiceWorker } from '../../offline/index.js';

export type AppState =
  /** Why pages cannot be kept here, in a sentence. */
  | { readonly kind: 'cannot'; readonly why: string }
  | { readonly kind: 'fetching' }
  /** The page opens without a network. */
  | { readonly kind: 'kept' }
  /** A new version is there as a whole, and waits. */
  | { readonly kind: 'new-version' }
  /** Another tab changed to the new version; this one is of the old. */
  | { readonly kind: 'outdated' };

export type KeptApp = {
  /** Asks the server whether it has another version. */
  look(): void;
  /** Changes to the version that waits, and loads the page anew. */
  change(): void;
};

export function keepApp(tell: (state: AppState) => void): KeptApp {
  let registration: ServiceWorkerRegistration | undefined;
  let wanted = false;
  const { serviceWorker } = navigator as { readonly serviceWorker?: ServiceWorkerContainer };
  if (!serviceWorker) {
    tell({
      kind: 'cannot',
      why: isSecureContext ? 'This browser keeps no pages.' : 'Browsers keep pages only over HTTPS or on localhost.',
    });
    return { look() {}, change() {} };
  }
  if (serviceWorker.controller) tell({ kind: 'kept' });
  // The first one that comes replaces nothing.
  let replaces = serviceWorker.controller !== null;
  serviceWorker.addEventListener('controllerchange', () => {
    if (wanted) location.reload();
    else if (replaces) tell({ kind: 'outdated' });
    replaces = true;
  });
  serviceWorker.addEventListener('message', ({ data: { noRoom, why } }: MessageEvent<FromServiceWorker>) => {
    if (!registration?.active)
      tell({ kind: 'cannot', why: noRoom ? 'This device has no room for it.' : `It did not arrive whole: ${why}.` });
  });
  const settle = (): void => {
    if (registration?.waiting && registration.active) tell({ kind: 'new-version' });
    else tell({ kind: registration?.active ? 'kept' : 'fetching' });
  };
  serviceWorker.register('/sw.js', { updateViaCache: 'none' }).then(
    (made) => {
      registration = made;
      settle();
      const watch = (): void => made.installing?.addEventListener('statechange', ({ target }) => (target as ServiceWorker).state !== 'redundant' && settle()); // biome-ignore format: one line
      watch();
      made.addEventListener('updatefound', watch);
    },
    (error: unknown) => {
      if (!serviceWorker.controller) tell({ kind: 'cannot', why: error instanceof Error ? error.message : String(error) });
    },
  );
  return {
    look: () => void registration?.update().catch(() => {}),
    change() {
      if (!registration?.waiting) return location.reload();
      wanted = true;
      registration.waiting.postMessage({ kind: 'take-over' } satisfies ToServiceWorker);
    },
  };
}
