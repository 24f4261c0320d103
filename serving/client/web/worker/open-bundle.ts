/** @file A bundle at an address: its manifest, and its files as they are wanted, from this device where it holds them whole. */
import { type Manifest, manifestFile, parseManifest, UsageError } from '../../../../models/index.js';
import { CopydeskError } from '../../asking/index.js';
import type { LoadOrder } from '../messages.js';
import { openBundleCache, sha256Of } from './bundle-cache.js';
import { damaged, download } from './download.js';

export type OpenBundle = {
  readonly manifest: Manifest;
  /** Whether the address did not answer, and this is what the device holds. */
  readonly offline: boolean;
  /** @param path as the manifest has it
   *  @throws CopydeskError `bundle/hash`, or what `download` throws */
  file(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The files that were wanted are there: this version replaces what was kept of others.
   *  @returns whether this device holds them now */
  complete(): Promise<boolean>;
};

export type BundlePlace = Pick<LoadOrder, 'bundle' | 'key' | 'cache' | 'heldOnly'>;

/**
 * The versions that may be opened, the best first: what the address names now and, where that cannot be had, what the device holds.
 *
 * @param onReceived told of all files together how many bytes have come, and how many there are
 * @throws CopydeskError what `download` throws, where the device holds none either; UsageError where it is no manifest
 */
export async function* openBundles(
  place: BundlePlace,
  onReceived: (received: number, total: number) => void,
): AsyncGenerator<OpenBundle, void, undefined> {
  if (!isSecureContext)
    throw new CopydeskError(
      'unsupported',
      'this browser checks files only over HTTPS or on localhost',
      'serve the page there, or ask a server',
    );
  const cache = await openBundleCache(place.cache, place.bundle);
  const held = await cache.manifest();
  const where = place.bundle + manifestFile;
  if (place.heldOnly) {
    if (held === undefined)
      throw new CopydeskError('bundle/missing', `this device does not hold ${place.bundle}`, 'open it without heldOnly');
    return yield open(held, true);
  }
  let failed: unknown;
  try {
    // Who holds a copy does not wait long to hear of a newer one.
    const patience = held === undefined ? {} : { attempts: 1, stall: 4_000 };
    const text = new TextDecoder().decode(await download(where, { key: place.key, ...patience }));
    yield open(text, false);
    if (held === text) return;
  } catch (error) {
    failed = error;
  }
  if (held !== undefined && (failed === undefined || leavesOlder(failed))) yield open(held, true);
  else if (failed !== undefined) throw failed;

  function open(text: string, offline: boolean): OpenBundle {
    const manifest = parseManifest(text, where);
    const wanted = new Map<string, { received: number; readonly bytes: number }>();
    const tell = (): void => {
      const all = [...wanted.values()];
      onReceived(sum(all.map(({ received }) => received)), sum(all.map(({ bytes }) => bytes)));
    };
    return {
      manifest,
      offline,
      async file(path) {
        const listed = manifest.files.find((file) => file.path === path);
        if (!listed) throw new CopydeskError('bundle/invalid', `${where} does not list ${path}`, 'put the bundle there again');
        const { sha256, bytes } = listed;
        const kept = await cache.file(path, sha256);
        if (kept) return kept;
        const state = { received: 0, bytes };
        wanted.set(path, state);
        tell();
        const onReceivedOne = (received: number): void => {
          state.received = received;
          tell();
        };
        const fetched = await download(place.bundle + path, { key: place.key, bytes, onReceived: onReceivedOne });
        if ((await sha256Of(fetched)) !== sha256) throw damaged(place.bundle + path);
        await cache.keep(path, sha256, fetched);
        return fetched;
      },
      complete: () => cache.complete(text, manifest.files),
    };
  }
}

/**
 * What a network or a half-finished update does, also one that answers everything with a page of its own. A bundle that its owner took away is
 * not used further.
 */
export const leavesOlder = (error: unknown): boolean =>
  (error instanceof CopydeskError || error instanceof UsageError) && passing.has(error.code);
const passing: ReadonlySet<string> = new Set(['unreachable', 'bundle/invalid', 'bundle/hash']);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
