/** @file Gives room back: bundles that nobody names any more. */

export type ForgetOptions = {
  /** Addresses of bundles that stay; relative to the page. Default: none. */
  readonly keep?: readonly (string | URL)[];
  /** The Cache Storage. Default `copydesk`. */
  readonly cache?: string;
};

/** Forgets every bundle that this device holds but those that are named. A newer version at the same address replaces the older by itself. */
export async function forgetBundles({ keep = [], cache: name = 'copydesk' }: ForgetOptions = {}): Promise<void> {
  if (typeof caches === 'undefined') return;
  const kept = keep.map((one) => new URL(`${String(one).replace(/\/+$/, '')}/`, document.baseURI).href);
  const cache = await caches.open(name);
  for (const request of await cache.keys()) if (!kept.some((address) => request.url.startsWith(address))) await cache.delete(request);
}
