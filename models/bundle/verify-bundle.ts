/** @file The strict check of a bundle at rest: everything listed is whole, and nothing else lies beside it. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { manifestFile } from './parse-manifest.js';
import { type Bundle, readBundle } from './read-bundle.js';

/**
 * Reads a bundle, verifying every file. A file that is not listed is refused too: other readers of the folder
 * (transformers.js, Optimum) pick model files by name, so an unlisted one would be served unverified. Names that
 * begin with a dot are passed over: version control and download tools leave them.
 *
 * @throws UsageError `bundle/*`
 */
export async function verifyBundle(folder: string): Promise<Bundle> {
  const bundle = await readBundle(folder, { verify: true });
  const listed = new Set([manifestFile, ...bundle.manifest.files.map(({ path }) => path)]);
  const unlisted = (await filesBelow(folder)).find((path) => !listed.has(path));
  if (unlisted !== undefined) {
    throw new UsageError(
      'bundle/invalid',
      `${folder}: ${unlisted} is not listed in ${manifestFile}`,
      'remove the file, or export the bundle again.',
    );
  }
  return bundle;
}

async function filesBelow(folder: string, prefix = ''): Promise<string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  const paths = await Promise.all(
    visible.map((entry) =>
      entry.isDirectory() ? filesBelow(folder, `${prefix}${entry.name}/`) : Promise.resolve([`${prefix}${entry.name}`]),
    ),
  );
  return paths.flat();
}
