/** @file One chunk after the other: answered, several at once if wanted, and written in their order. */
import type { Verdict } from '../../models/index.js';
import { type BadLine, isBad, jsonLine } from '../../models/rows/node.js';
import type { Chunk } from './chunks.js';
import type { Layout } from './layouts.js';
import type { Output, Progress } from './output.js';

/** One a row, in their order; a row that no answer can be had for is a bad line. */
export type AnswerRows = (chunk: Pick<Chunk, 'first' | 'rows'>, signal: AbortSignal) => Promise<readonly (Verdict | BadLine)[]>;

export type ChunkWork = {
  readonly chunks: AsyncIterable<Chunk>;
  readonly answer: AnswerRows;
  readonly layout: Pick<Layout, 'line'>;
  readonly output: Output;
  /** Chunks that may be asked about at once. */
  readonly ahead?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (at: Progress) => void;
};

/**
 * What is complete is in `output` for good, whatever ends the rest. Says nothing of the end: that is for whoever called.
 *
 * @throws the fault of the file, of an answer or of the output; the signal's reason
 */
export async function runChunks({ chunks, answer, layout, output, ahead = 1, signal, onProgress }: ChunkWork): Promise<void> {
  const ending = new AbortController();
  const either = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
  const asked: { readonly chunk: Chunk; readonly answers: ReturnType<AnswerRows> }[] = [];

  const write = async (): Promise<void> => {
    const { chunk, answers } = asked.shift()!;
    const bad = [...chunk.bad];
    const lines: string[] = [];
    for (const [i, answered] of (await answers).entries()) {
      if (isBad(answered)) bad.push(answered);
      else lines.push(layout.line(chunk.rows[i]!.fields, answered));
    }
    bad.sort((a, b) => a.line - b.line);
    signal?.throwIfAborted();
    const text = lines.map((line) => `${line}\n`).join('');
    const aside = bad.map(({ line, reason, given }) => `${jsonLine({ line, reason, given })}\n`).join('');
    await output.append({ text, aside, rows: chunk.read, bad: bad.length, complete: !chunk.fault });
    onProgress?.(output.at);
    if (chunk.fault) throw chunk.fault.error;
  };

  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      const answers = chunk.rows.length > 0 ? answer(chunk, either) : Promise.resolve([]);
      answers.catch(() => {}); // it is looked at in its turn
      asked.push({ chunk, answers });
      if (asked.length >= ahead) await write();
    }
    while (asked.length > 0) await write();
  } finally {
    ending.abort();
  }
}
