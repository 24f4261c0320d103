/** @file A bundle written so that it is either whole or not there. */
import { createHash, randomUUID } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { checkBundlePath } from './bundle-path.js';
import type { BundleFile, Manifest } from './manifest.js';
import { manifestFile } from './parse-manifest.js';
import { type Bundle, readBundle } from './read-bundle.js';
import { verifyBundle } from './verify-bundle.js';
import { flushFolder, writeWhole } from './write-whole.js';

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
    if (await exists(target)) await makeRoom(target, manifest, overwrite, temporary);
    else await rename(temporary, target);
    await flushFolder(dirname(target));
    return await readBundle(folder, { verify: false });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The old bundle is moved aside, not deleted, until the new one stands in its place. */
async function makeRoom(target: string, manifest: Manifest, overwrite: boolean, temporary: string): Promise<void> {
  const existing = await readBundle(target).catch(() => undefined);
  if (existing && sameExceptDate(existing.manifest, manifest)) return;
  const isBundle = await exists(join(target, manifestFile));
  const what = isBundle ? 'another bundle stands here' : 'the folder exists and is not a bundle';
  if (!isBundle || !overwrite) {
    throw new UsageError(
      'export/failed',
      `${target}: ${what}`,
      isBundle ? 'give another folder, or say --overwrite.' : 'give another folder, or remove this one.',
    );
  }
  const aside = `${temporary}.old`;
  await rename(target, aside);
  await rename(temporary, target);
  await rm(aside, { recursive: true, force: true });
}

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
