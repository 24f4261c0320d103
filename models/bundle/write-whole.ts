/** @file A file that is either whole or not there, whenever the machine stops. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
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
      await writeLarge(file, typeof content === 'string' ? Buffer.from(content) : content);
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

/** Linux takes less than 2 GiB at once. Node's own `writeFile` hands over half a MiB at a time, each from the event loop, which stands still while a
 *  training step runs. */
const largestWrite = 2 ** 30;

async function writeLarge(file: FileHandle, content: Uint8Array): Promise<void> {
  for (let at = 0; at < content.length; ) {
    const { bytesWritten } = await file.write(content, at, Math.min(largestWrite, content.length - at));
    at += bytesWritten;
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
