import { tensorOf } from '../graph/tensor.js';
import type { Session } from '../runtime/session.js';
import { logSoftmax } from './probabilities.js';

/**
 * How likely a language model finds each token of some texts after those before it; the sum of a part is the log-probability of that part.
 *
 * @param session from the graph of `buildLanguageModel`, its output named `logits`
 * @param sequences token ids without padding
 * @returns for each text one value a token from the second on
 */
export async function tokenLogProbabilities(session: Session, sequences: readonly (readonly number[])[]): Promise<Float64Array[]> {
  const tokens = Math.max(...sequences.map(({ length }) => length));
  const padded = (of: (sequence: readonly number[], i: number) => number) =>
    tensorOf(
      'int64',
      [sequences.length, tokens],
      sequences.flatMap((sequence) => Array.from({ length: tokens }, (_, i) => of(sequence, i))),
    );
  const { logits } = await session.run({
    input_ids: padded((sequence, i) => sequence[i] ?? 0),
    attention_mask: padded((sequence, i) => Number(i < sequence.length)),
  });
  const vocabulary = logits!.dims[2]!;
  return sequences.map((sequence, row) =>
    Float64Array.from(sequence.slice(1), (token, i) => {
      const start = (row * tokens + i) * vocabulary;
      return logSoftmax((logits!.data as Float32Array).subarray(start, start + vocabulary))[token]!;
    }),
  );
}
