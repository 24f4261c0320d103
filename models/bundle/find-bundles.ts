/** @file All bundles below some folders, as a server is told to serve them. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { manifestFile } from './parse-manifest.js';
import { type Bundle, type ReadOptions, readBundle } from './read-bundle.js';

/**
 * Each folder is a bundle itself, or holds NAME/copydesk.json or NAME/VERSION/copydesk.json. Names that begin with a dot are
 * passed over: unfinished exports are called so. Sorted by name, then from the oldest version to the newest.
 *
 * @throws UsageError `bundle/missing` for a folder that does not exist or holds none, and what `readBundle` throws
 */
export async function findBundles(folders: readonly string[], options: ReadOptions = {}): Promise<Bundle[]> {
  const found: Bundle[] = [];
  for (const folder of folders) {
    const paths = await bundleFolders(folder);
    if (paths.length === 0) {
      throw new UsageError(
        'bundle/missing',
        `${folder}: there is no bundle in this folder`,
        'give a folder that holds NAME/VERSION/copydesk.json, as `copydesk export` writes it.',
      );
    }
    for (const path of paths) found.push(await readBundle(path, options));
  }
  return found.sort((a, b) => order(a.manifest.name, b.manifest.name) || order(a.manifest.created, b.manifest.created));
}

/** The folders of bundles in and below `folder`, in any order.
 *  @throws UsageError `bundle/missing` where it cannot be read */
export async function bundleFolders(folder: string, levels = 2): Promise<string[]> {
  if (await exists(join(folder, manifestFile))) return [folder];
  if (levels === 0) return [];
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' && levels < 2) return [];
    throw new UsageError(
      'bundle/missing',
      `${folder}: the folder cannot be read (${code})`,
      'give the path of an existing folder of bundles.',
    );
  }
  const below = entries.filter((name) => !name.startsWith('.')).map((name) => bundleFolders(join(folder, name), levels - 1));
  return (await Promise.all(below)).flat();
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
