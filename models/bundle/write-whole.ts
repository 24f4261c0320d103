/** @file A file that is either whole or not there, whenever the machine stops. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes under a temporary name beside `path`, flushes it to the disk, then renames it. Makes the folder where it is missing.
 *
 * @param mode permissions of the file; 0o600: its owner alone
 */
export async function writeWhole(path: string, content: Uint8Array | string, mode = 0o666): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await flushFolder(folder);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Makes names given in a folder durable. Windows cannot open folders; there the rename alone must do. */
export async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
