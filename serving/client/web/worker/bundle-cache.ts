/** @file What this device keeps of bundles, in Cache Storage. Nothing in there is believed: every file is compared with its sha256 on every load. */
import { manifestFile } from '../../../../models/index.js';

export type BundleCache = {
  /** The manifest of the last version that was there as a whole. */
  manifest(): Promise<string | undefined>;
  /** @returns `undefined` where it is not held, or not whole: then it is forgotten too */
  file(path: string, sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  keep(path: string, sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** From now on this is the version that is there, and files of others are not.
   *  @returns false where there was no room for all of it: then all is as it was */
  complete(manifestText: string, files: readonly { readonly path: string; readonly sha256: string }[]): Promise<boolean>;
};

const none: BundleCache = {
  manifest: async () => undefined,
  file: async () => undefined,
  keep: async () => {},
  complete: async () => false,
};

/**
 * @param name of the cache; empty, or where the browser keeps nothing for pages: a cache that holds nothing
 * @param bundle address of its folder, with a slash at its end
 */
export async function openBundleCache(name: string, bundle: string): Promise<BundleCache> {
  if (name === '') return none;
  const cache = await caches.open(name).catch(() => undefined);
  if (!cache) return none;
  const addressOf = (path: string, sha256: string): string => `${bundle}${path}?sha256=${sha256}`;
  const read = async (address: string, sha256: string | null | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    const held = await cache.match(address).catch(() => undefined);
    if (!held) return undefined;
    const bytes = new Uint8Array(await held.arrayBuffer().catch(() => new ArrayBuffer(0)));
    if ((await sha256Of(bytes)) === (sha256 ?? held.headers.get(hashHeader))) return bytes;
    await cache.delete(address);
    return undefined;
  };
  /** Where there is no room, the model runs without being kept. */
  let room = true;
  const write = (address: string, sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> =>
    cache.put(address, new Response(bytes, { headers: { [hashHeader]: sha256, 'content-length': String(bytes.length) } })).catch(() => {
      room = false;
    });
  return {
    async manifest() {
      const bytes = await read(bundle + manifestFile, null);
      return bytes && new TextDecoder().decode(bytes);
    },
    file: (path, sha256) => read(addressOf(path, sha256), sha256),
    keep: (path, sha256, bytes) => write(addressOf(path, sha256), sha256, bytes),
    async complete(manifestText, files) {
      const bytes = new TextEncoder().encode(manifestText);
      if (room) await write(bundle + manifestFile, await sha256Of(bytes), bytes);
      if (!room) return false;
      const named = new Set(files.map(({ path, sha256 }) => addressOf(path, sha256)));
      for (const { url } of await cache.keys())
        if (url.startsWith(bundle) && url.includes('?sha256=') && !named.has(url)) await cache.delete(url);
      return true;
    },
  };
}

const hashHeader = 'x-copydesk-sha256';

export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
