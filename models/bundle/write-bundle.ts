/** @file A bundle written so that it is either whole or not there. */
import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { checkBundlePath } from './bundle-path.js';
import type { BundleFile, Manifest } from './manifest.js';
import { manifestFile } from './parse-manifest.js';
import { placeBundle } from './place-bundle.js';
import { type Bundle, readBundle } from './read-bundle.js';
import { verifyBundle } from './verify-bundle.js';
import { writeWhole } from './write-whole.js';

export type WriteOptions = {
  /** Whether a different bundle of that name may be replaced. Default false. */
  readonly overwrite?: boolean;
};

/**
 * Writes the files and the manifest under a temporary name beside `folder`, flushes them to the disk, reads all back
 * and verifies it, and only then gives it its name. Writing what is already there changes nothing.
 *
 * @param files contents by path inside the bundle
 * @throws UsageError `export/failed` when `folder` holds something else; nothing is left behind then
 */
export async function writeBundle(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
  manifestWithoutFiles: Omit<Manifest, 'files'>,
  { overwrite = false }: WriteOptions = {},
): Promise<Bundle> {
  const target = resolve(folder);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    const listed: BundleFile[] = [];
    for (const [path, content] of Object.entries(files)) {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      await writeWhole(join(temporary, checkBundlePath(path, folder)), bytes);
      listed.push({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    }
    const text = `${JSON.stringify({ ...manifestWithoutFiles, files: listed }, null, 2)}\n`;
    await writeWhole(join(temporary, manifestFile), text);
    const { manifest } = await verifyBundle(temporary);
    await placeBundle(temporary, target, manifest, overwrite);
    return await readBundle(folder, { verify: false });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
