/** @file A file that is either whole or not there, whenever the machine stops. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes under a temporary name beside `path`, flushes it to the disk, then renames it. Makes the folder where it is missing.
 *
 * @param content the whole of it, or its parts one after the other
 * @param mode permissions of the file; 0o600: its owner alone
 */
export async function writeWhole(path: string, content: Uint8Array | string | readonly Uint8Array[], mode = 0o666): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await writeParts(file, typeof content === 'string' ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content);
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
 *  training step runs; so does a write for each of hundreds of parts. */
const largestWrite = 2 ** 30;

async function writeParts(file: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  const left = parts.filter(({ length }) => length > 0);
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(firstBytes(left, largestWrite));
    for (let written = bytesWritten; written > 0; ) {
      const part = left[0]!;
      if (written < part.length) left[0] = part.subarray(written);
      else left.shift();
      written -= Math.min(written, part.length);
    }
  }
}

/** What the first so many bytes of `parts` are in. */
function firstBytes(parts: readonly Uint8Array[], most: number): Uint8Array[] {
  const first: Uint8Array[] = [];
  let room = most;
  for (const part of parts) {
    if (room === 0) break;
    first.push(part.subarray(0, room));
    room -= Math.min(room, part.length);
  }
  return first;
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
