/** @file Rows in chunks: what is answered, written down and, after a crash, done again as a whole. */
import { type BadLine, isBad } from '../../models/rows/node.js';
import type { TextRow } from './text-row.js';

export type Chunk = {
  /** Rows and bad lines before it. */
  readonly first: number;
  readonly rows: readonly TextRow[];
  readonly bad: readonly BadLine[];
  /** Rows and bad lines together. */
  readonly read: number;
  /** Why the chunk, and with it the file, ends here. */
  readonly fault?: { readonly error: unknown };
};

export type ChunkOptions = {
  /** Rows of one chunk at most. */
  readonly rows?: number;
  /** UTF-16 code units of its texts at most, but for the last one. */
  readonly characters?: number;
  /** Rows and bad lines that were done before. */
  readonly skip?: number;
  /** What a bad line is: put aside, or the end. */
  readonly onBad: 'aside' | 'stop';
};

/**
 * Chunks begin and end where the rows say so and nothing else does: the same file has the same chunks from any of their borders on, so what
 * is done again comes out the same, and what stands before a fault is still answered.
 */
export async function* chunksOf(
  rows: AsyncIterable<TextRow | BadLine>,
  { rows: most = 512, characters = 262_144, skip = 0, onBad }: ChunkOptions,
): AsyncGenerator<Chunk> {
  let good: TextRow[] = [];
  let bad: BadLine[] = [];
  let length = 0;
  let place = 0;
  let first = skip;
  const cut = (fault?: Chunk['fault']): Chunk => {
    const chunk = { first, rows: good, bad, read: good.length + bad.length, ...(fault ? { fault } : {}) };
    first += chunk.read;
    good = [];
    bad = [];
    length = 0;
    return chunk;
  };
  try {
    for await (const row of rows) {
      if (place++ < skip) continue;
      if (!isBad(row)) {
        good.push(row);
        length += row.text.length + (row.pair?.length ?? 0);
      } else if (onBad === 'aside') bad.push(row);
      else throw row.error;
      if (good.length + bad.length >= most || length >= characters) yield cut();
    }
  } catch (error) {
    yield cut({ error });
    return;
  }
  if (good.length + bad.length > 0) yield cut();
}
