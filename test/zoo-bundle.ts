/** @file One of the bundles that ship with the project, in a folder of its own, under its own version or another. */
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bundle, packageFolder, readBundle, writeBundle } from '../models/bundle/node.js';

/** @returns the bundle, and the folder of bundles that it lies in: to be removed */
export async function zooBundle(
  name: string,
  asVersion?: string,
): Promise<{ readonly bundle: Bundle; readonly models: string; readonly version: string }> {
  const zoo = join(packageFolder(), 'models', 'zoo', name);
  const [only] = await readdir(zoo);
  const { folder, manifest } = await readBundle(join(zoo, only!));
  const version = asVersion ?? manifest.version;
  const models = await mkdtemp(join(tmpdir(), 'copydesk-zoo-'));
  const { files, ...rest } = manifest;
  const contents: Record<string, Uint8Array> = {};
  for (const { path } of files) contents[path] = await readFile(join(folder, path));
  const bundle = await writeBundle(join(models, name, version), contents, { ...rest, version });
  return { bundle, models, version };
}
