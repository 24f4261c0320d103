/** @file What lies in the folders of bundles at this moment, without reading more than the manifests. */
import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundleFolders, manifestFile, readBundle } from '../../models/bundle/node.js';

export type BundlePlace = {
  readonly folder: string;
  /** `name@version`; where the manifest cannot be read, the path of the folder below the one that is watched. */
  readonly key: string;
  /** Another one when the bundle was written anew. */
  readonly mark: string;
};

/** Sorted by folder. A folder that is not there (any more) holds nothing. */
export async function placesBelow(folders: readonly string[]): Promise<readonly BundlePlace[]> {
  const places: BundlePlace[] = [];
  for (const root of folders)
    for (const folder of await bundleFolders(root).catch(() => [])) {
      const file = await stat(join(folder, manifestFile)).catch(() => undefined);
      if (!file) continue;
      const manifest = await readBundle(folder, { verify: false }).then(({ manifest: one }) => one, () => undefined); // biome-ignore format: short
      const key = manifest ? `${manifest.name}@${manifest.version}` : relative(root, folder) || root;
      places.push({ folder, key, mark: `${file.mtimeMs}/${file.size}/${file.ino}` });
    }
  return places.sort((a, b) => (a.folder < b.folder ? -1 : 1));
}
