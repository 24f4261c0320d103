/** @file What it is to write on: sequences in, the logits of what follows out, one more token each, and so on. With a cache and without. */
import type { Gpt2Config } from '../architectures/gpt2.js';
import { invariant, UsageError } from '../errors.js';
import { tensorOf, zeros } from '../graph/tensor.js';
import type { Session, Tensor, Tensors } from '../runtime/session.js';

export type Decoder = {
  /** Tokens of the longest sequence. */
  readonly maxTokens: number;
  /** @param sequences token ids, without padding, of any lengths; none empty */
  start(sequences: readonly (readonly number[])[]): Promise<Decoding>;
};

/** Sequences, and what follows them. */
export type Decoding = {
  /** One array of `vocabulary` values a sequence. */
  readonly logits: readonly Float32Array[];
  /** The sequences that `rows` names, in that order, each with one of `tokens` after it. A row may be named several times, or not at all. */
  advance(rows: readonly number[], tokens: readonly number[]): Promise<Decoding>;
};

type Sizes = Pick<Gpt2Config, 'layers' | 'heads' | 'width' | 'maxPositions'>;

/**
 * A decoder over a session from `decoderFile`. Where the file has a cache, each token is computed once; where it has none, every step
 * computes every token again: the same numbers, slower.
 */
export function createDecoder(session: Session, sizes: Sizes): Decoder {
  const cached = session.inputNames.includes('past_key_values.0.key');
  return {
    maxTokens: sizes.maxPositions,
    async start(sequences) {
      if (sequences.length === 0 || sequences.some((sequence) => sequence.length === 0))
        throw new UsageError(
          'usage/argument',
          'generation: a sequence has no tokens to go on from',
          'give each at least one, a start token for example.',
        );
      return cached ? withCache(session, sizes, sequences) : withoutCache(session, sequences);
    },
  };
}

const int64 = (rows: readonly (readonly number[])[]): Tensor => tensorOf('int64', [rows.length, rows[0]!.length], rows.flat());
/** `values` at the end of a row of `length`, `filling` before them. */
const padLeft = (values: readonly number[], length: number, filling = 0): number[] => [
  ...new Array<number>(length - values.length).fill(filling),
  ...values,
];

/** Padding goes to the left, so that what follows is the last token's answer in every row; positions are counted from each row's own start. */
function leftPadded(sequences: readonly (readonly number[])[]): { readonly feeds: Tensors; readonly mask: readonly number[][] } {
  const longest = Math.max(...sequences.map(({ length }) => length));
  const mask = sequences.map((sequence) =>
    padLeft(
      sequence.map(() => 1),
      longest,
    ),
  );
  const feeds = {
    input_ids: int64(sequences.map((sequence) => padLeft(sequence, longest))),
    position_ids: int64(sequences.map((sequence) => padLeft([...sequence.keys()], longest))),
    attention_mask: int64(mask),
  };
  return { feeds, mask };
}

async function withoutCache(session: Session, sequences: readonly (readonly number[])[]): Promise<Decoding> {
  const results = await session.run(leftPadded(sequences).feeds);
  return {
    logits: rowsOf(results.logits),
    advance: (rows, tokens) =>
      withoutCache(
        session,
        rows.map((row, i) => [...sequences[row]!, tokens[i]!]),
      ),
  };
}

async function withCache(session: Session, { layers, heads, width }: Sizes, sequences: readonly (readonly number[])[]): Promise<Decoding> {
  const kept = Array.from({ length: layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
  const empty = zeros('float32', [sequences.length, heads, 0, width / heads]);

  const decoding = (results: Tensors, mask: readonly (readonly number[])[], lengths: readonly number[]): Decoding => ({
    logits: rowsOf(results.logits),
    async advance(rows, tokens) {
      const nextMask = rows.map((row) => [...mask[row]!, 1]);
      const nextLengths = rows.map((row) => lengths[row]! + 1);
      const feeds = {
        input_ids: int64(tokens.map((token) => [token])),
        position_ids: int64(nextLengths.map((length) => [length - 1])),
        attention_mask: int64(nextMask),
        ...Object.fromEntries(kept.map((name) => [`past_key_values.${name}`, selectRows(results[`present.${name}`]!, rows)])),
      };
      return decoding(await session.run(feeds), nextMask, nextLengths);
    },
  });

  const { feeds, mask } = leftPadded(sequences);
  const pasts = Object.fromEntries(kept.map((name) => [`past_key_values.${name}`, empty]));
  const lengths = sequences.map(({ length }) => length);
  return decoding(await session.run({ ...feeds, ...pasts }), mask, lengths);
}

/** The rows of a [batch, vocabulary] tensor; views. */
function rowsOf(logits: Tensor | undefined): readonly Float32Array[] {
  invariant(logits?.type === 'float32' && logits.dims.length === 2, 'generation: the model gives no logits [batch, vocabulary]');
  const [batch, vocabulary] = logits.dims as [number, number];
  return Array.from({ length: batch }, (_, row) => (logits.data as Float32Array).subarray(row * vocabulary, (row + 1) * vocabulary));
}

/** The entries of the first dim that `rows` names; the tensor itself where that is all of them, in order. */
function selectRows({ type, dims, data }: Tensor, rows: readonly number[]): Tensor {
  if (rows.length === dims[0] && rows.every((row, i) => row === i)) return { type, dims, data };
  const size = data.length / dims[0]!;
  const selected = new Float32Array(rows.length * size);
  rows.forEach((row, i) => {
    selected.set((data as Float32Array).subarray(row * size, (row + 1) * size), i * size);
  });
  return { type, dims: [rows.length, ...dims.slice(1)], data: selected };
}
