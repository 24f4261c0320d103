/** @file Unlabelled texts beside each step: as they are, and in other words. */
import { type Encoding, padBatch, type Tensors } from '../../models/index.js';
import type { Unlabelled } from '../data/example.js';
import { endlessBatches, secondBatchSize } from '../data/stream.js';

export type UnlabelledFeed = {
  /** Unlabelled texts of one step. */
  readonly batchSize: number;
  /** `original_*` and `augmented_*` (ids, mask, types) of one of the `parts` that the step is cut into. The step alone decides which texts. */
  tensors(at: { readonly step: number; readonly part: number; readonly parts: number }): Promise<Tensors>;
};

export type UnlabelledOptions = {
  readonly texts: readonly Unlabelled[];
  /** The same texts in other words; `step` seeds them. */
  readonly reword: (texts: readonly Unlabelled[], step: number) => Promise<readonly Unlabelled[]>;
  readonly encode: (texts: readonly Unlabelled[]) => Promise<readonly Encoding[]>;
  readonly padId: number;
  /** Labelled texts of a step, and unlabelled ones for each of them. */
  readonly labelledBatch: number;
  readonly ratio: number;
  readonly bucketMultiplier: number;
  readonly seed: number;
};

export function createUnlabelledFeed(options: UnlabelledOptions): UnlabelledFeed {
  const { texts, reword, encode, padId, ratio, bucketMultiplier, seed } = options;
  const batchSize = secondBatchSize(options.labelledBatch, ratio);
  const lengths = texts.map(({ text, pair = '' }) => text.length + pair.length); // of like length will do: nothing is encoded twice
  const batchAt = endlessBatches({ lengths, batchSize, bucketMultiplier, seed });
  return {
    batchSize,
    async tensors({ step, part, parts }) {
      const rows = batchAt(step);
      const size = Math.ceil(rows.length / parts);
      const originals = (rows.length <= part * size ? rows : rows.slice(part * size, (part + 1) * size)).map((row) => texts[row]!);
      const [original, augmented] = await Promise.all([encode(originals), reword(originals, step).then(encode)]);
      return { ...named('original', original, padId), ...named('augmented', augmented, padId) };
    },
  };
}

function named(name: string, encodings: readonly Encoding[], padId: number): Tensors {
  const { batch, tokens, ids, mask, types } = padBatch(encodings, padId);
  const parts = Object.entries({ ids, mask, types });
  return Object.fromEntries(parts.map(([part, data]) => [`${name}_${part}`, { type: 'int64', dims: [batch, tokens], data }]));
}
