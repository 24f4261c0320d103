/** @file Answers read piece by piece: never more than was agreed, never waiting for ever. */
import { UsageError } from '../errors.js';

/** The pieces of a body.
 *  @throws Error when nothing comes for `idleMs`, and what the network throws */
export async function* pieces(response: Response, idleMs: number): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read(), idleMs);
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** @throws UsageError `hub/answer` for more than `most` bytes */
export async function readText(response: Response, where: string, most: number, idleMs: number): Promise<string> {
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces(response, idleMs)) {
    bytes += piece.length;
    if (bytes > most)
      throw new UsageError('hub/answer', `${where}: it is longer than ${most} bytes`, 'check the address: this is not what it should be.');
    read.push(piece);
  }
  return Buffer.concat(read).toString('utf8');
}

async function inTime<T>(promise: Promise<T>, idleMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came for ${idleMs / 1000} s`)), idleMs);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
