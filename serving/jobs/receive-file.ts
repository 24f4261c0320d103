/** @file A file of texts as it arrives: to the disk at once, never held in memory. */
import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { ServiceError } from '../protocol/index.js';
import type { JobPaths } from './job-folder.js';

export type Received = { readonly sha256: string; readonly bytes: number; readonly lines: number };

/** @throws ServiceError `body-too-large`, `storage-full`; whatever ends `chunks` */
export async function receiveFile(chunks: AsyncIterable<Buffer>, { folder, texts }: JobPaths, most: number): Promise<Received> {
  const hash = createHash('sha256');
  let bytes = 0;
  let lines = 0;
  let last = newline;
  try {
    await mkdir(folder, { mode: 0o700 });
    const file = await open(texts, 'wx', 0o600);
    try {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > most) throw tooLarge(most);
        hash.update(chunk);
        for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) lines++;
        last = chunk.at(-1) ?? last;
        for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw storageError(error) ?? error;
  }
  return { sha256: hash.digest('hex'), bytes, lines: last === newline ? lines : lines + 1 };
}

const newline = 0x0a;

export function tooLarge(most: number): ServiceError {
  return new ServiceError('body-too-large', `the file is larger than ${most} bytes`, 'send it in parts', { connection: 'close' });
}

/** What a disk that is full, or not to be written to, means to a client. */
export function storageError(error: unknown): ServiceError | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EIO', 'EACCES'].includes(code)) return undefined;
  return new ServiceError('storage-full', `the server cannot keep the file (${code})`, 'try again later; its operator has to make room', {
    connection: 'close',
  });
}

/** For a log: never the message, which may quote a text. */
export const codeOf = (error: unknown): string =>
  (error as { code?: unknown })?.code !== undefined
    ? String((error as { code: unknown }).code)
    : error instanceof Error
      ? error.name
      : 'unknown';
