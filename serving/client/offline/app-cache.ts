/** @file The page's own files on this device: all of one version or none, each compared with its sha256 before it is used. */
import type { AppFile } from './app-files.js';

export type AppCacheParts = {
  readonly files: readonly AppFile[];
  /** The page's origin. */
  readonly origin: string;
  readonly open: () => Promise<Cache>;
  readonly fetch: typeof fetch;
};

export type AppCache = {
  /** Fetches what is not there yet; what versions have in common is fetched once.
   *  @throws Error where the network, the server or the device does not give or take a file: then this version is not to be used */
  install(): Promise<void>;
  /** `undefined`: it is none of the page's files, and the network's business. */
  answer(request: Pick<Request, 'method' | 'url' | 'mode'>): Promise<Response> | undefined;
  /** Forgets the files of other versions. */
  clean(): Promise<void>;
};

export function createAppCache({ files, origin, open, fetch }: AppCacheParts): AppCache {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const addressOf = ({ path, sha256 }: AppFile): string => `${origin}${path}?sha256=${sha256}`;
  const ours = new Set(files.map(addressOf));
  /** Seen whole since this worker was started. The copy that the cache gives out is used then: the browser keeps compiled code with it. */
  const seen = new Set<string>();

  async function held(file: AppFile): Promise<Response | undefined> {
    const cache = await open();
    const address = addressOf(file);
    if (!seen.has(address)) {
      const copy = await cache.match(address);
      if (!copy) return undefined;
      if ((await sha256Of(await copy.arrayBuffer().catch(() => new ArrayBuffer(0)))) !== file.sha256) {
        await cache.delete(address);
        return undefined;
      }
      seen.add(address);
    }
    return cache.match(address);
  }

  /** @returns the server's answer, and whether it is the file of this version */
  async function fetched({ path, sha256 }: AppFile, mode: RequestCache): Promise<{ readonly response: Response; readonly same: boolean }> {
    const answer = await fetch(`${origin}${path}`, { cache: mode });
    const body = await answer.arrayBuffer();
    const { status, statusText } = answer;
    // The body is unpacked, and of another length than its headers say.
    const headers = new Headers([...answer.headers].filter(([name]) => name !== 'content-encoding' && name !== 'content-length'));
    return { response: new Response(body, { status, statusText, headers }), same: answer.ok && (await sha256Of(body)) === sha256 };
  }

  async function keep(file: AppFile): Promise<void> {
    if (await held(file)) return;
    for (const mode of ['no-cache', 'reload'] as const) {
      const { response, same } = await fetched(file, mode);
      if (same) return (await open()).put(addressOf(file), response);
    }
    throw new Error(`${file.path} is not the file of this version`);
  }

  async function give(file: AppFile): Promise<Response> {
    const kept = await held(file).catch(() => undefined);
    if (kept) return kept;
    const { response, same } = await fetched(file, 'no-cache');
    if (same) await (await open()).put(addressOf(file), response.clone()).catch(() => {});
    // Damaged here, and the server has another version: the network gives all files of one version from now on.
    else if (!file.later) await Promise.all([...ours].map(async (address) => (await open()).delete(address))).then(() => seen.clear());
    return response;
  }

  return {
    async install() {
      const cache = await open();
      const before = new Set((await cache.keys()).map(({ url }) => url.replace(/\?.*$/, '')));
      for (const file of files) if (!file.later || before.has(`${origin}${file.path}`)) await keep(file);
    },
    answer({ method, url, mode }) {
      const { origin: asked, pathname, search } = new URL(url);
      const file = method === 'GET' && asked === origin ? byPath.get(pathname) : undefined;
      return file && (search === '' || mode === 'navigate') ? give(file) : undefined;
    },
    async clean() {
      const cache = await open();
      for (const request of await cache.keys()) if (!ours.has(request.url)) await cache.delete(request);
    },
  };
}

async function sha256Of(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
