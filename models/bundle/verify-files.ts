/** @file Files of a bundle against their record: there, inside the folder, of the right size and sha256. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '../errors.js';
import { checkBundlePath } from './bundle-path.js';
import type { BundleFile } from './manifest.js';

/** @throws UsageError `bundle/missing`, `bundle/path` or `bundle/hash`, naming the first file at fault */
export async function verifyFiles(folder: string, files: readonly BundleFile[]): Promise<void> {
  for (const { path, bytes, sha256 } of files) {
    const file = await insideFolder(folder, path);
    const { size } = await stat(file);
    if (size !== bytes) throw damaged(folder, path, `is ${size} bytes long, not the ${bytes} of its record`);
    const found = await hashFile(file);
    if (found !== sha256) throw damaged(folder, path, `has the sha256 ${found}, not the ${sha256} of its record`);
  }
}

/**
 * The real path of a listed file. Symbolic links are followed, and refused when they lead out of the folder.
 *
 * @throws UsageError `bundle/path`, or `bundle/missing` where there is no such file
 */
export async function insideFolder(folder: string, path: string): Promise<string> {
  checkBundlePath(path, folder);
  let file: string;
  try {
    file = await realpath(join(folder, path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      'bundle/missing',
      `${folder}: ${path} is missing (${code})`,
      'get the bundle again from its source, or export it again.',
    );
  }
  if (!file.startsWith((await realpath(folder)) + sep)) {
    throw new UsageError(
      'bundle/path',
      `${folder}: ${path} is a link that leads out of the bundle, to ${file}`,
      'copy the file itself into the bundle (`cp -L`).',
    );
  }
  return file;
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function damaged(folder: string, path: string, what: string): UsageError {
  return new UsageError(
    'bundle/hash',
    `${folder}: ${path} ${what}`,
    'the file was damaged or changed: get the bundle again from its source, or export it again.',
  );
}
