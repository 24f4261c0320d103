/** @file A bundle that is whole and verified under a temporary name gets its own. */
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../errors.js';
import type { Manifest } from './manifest.js';
import { manifestFile } from './parse-manifest.js';
import { readBundle } from './read-bundle.js';
import { flushFolder } from './write-whole.js';

/** What stands where a bundle is to go: nothing, this very bundle, or another that may be replaced. */
export type Room = 'free' | 'same' | 'replace';

/** @throws UsageError `export/failed` when something else stands at `target` and may not be replaced */
export async function roomFor(target: string, manifest: Manifest, overwrite: boolean): Promise<Room> {
  if (!(await exists(target))) return 'free';
  const existing = await readBundle(target).catch(() => undefined);
  if (existing && sameExceptDate(existing.manifest, manifest)) return 'same';
  const isBundle = await exists(join(target, manifestFile));
  if (isBundle && overwrite) return 'replace';
  throw new UsageError(
    'export/failed',
    `${target}: ${isBundle ? 'another bundle stands here' : 'the folder exists and is not a bundle'}`,
    isBundle ? 'give another folder, or say --overwrite.' : 'give another folder, or remove this one.',
  );
}

/**
 * Renames `temporary`, beside `target`, to it. An old bundle is moved aside, not deleted, until the new one stands in its place.
 *
 * @throws UsageError `export/failed`, as `roomFor`
 */
export async function placeBundle(temporary: string, target: string, manifest: Manifest, overwrite: boolean): Promise<void> {
  await placers[await roomFor(target, manifest, overwrite)](temporary, target);
  await flushFolder(dirname(target));
}

const placers: { readonly [R in Room]: (temporary: string, target: string) => Promise<void> } = {
  free: rename,
  same: async () => {},
  replace: async (temporary, target) => {
    const aside = `${temporary}.old`;
    await rename(target, aside);
    await rename(temporary, target);
    await rm(aside, { recursive: true, force: true });
  },
};

function sameExceptDate(a: Manifest, b: Manifest): boolean {
  const key = (manifest: Manifest): string =>
    JSON.stringify({ ...manifest, created: '', files: [...manifest.files].sort((x, y) => (x.path < y.path ? -1 : 1)) });
  return key(a) === key(b);
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
