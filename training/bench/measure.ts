/** @file What the benchmarks of this folder train: sizes, and batches of them. */

import { type BertConfig, bertSchema, UsageError } from '../../models/index.js';
import { createRandom } from '../data/random.js';
import { classifierBatch } from '../engines/classifier-batch.js';
import type { TrainingBatch } from '../engines/engine.js';

/** Random ids without padding, two labels. Each number has a batch of its own, so that the words go round as in a run: the ONNX engine spares what
 *  no text has held so far. */
export function randomBatch(batch: number, tokens: number, number = 0): TrainingBatch {
  const random = createRandom(1, number);
  const draw = (count: number, low: number, high: number) =>
    BigInt64Array.from({ length: count }, () => BigInt(low + random.below(high - low)));
  const size = batch * tokens;
  const ids = { batch, tokens, ids: draw(size, 5, 8000), mask: new BigInt64Array(size).fill(1n), types: new BigInt64Array(size) };
  return classifierBatch(
    ids,
    Array.from(draw(batch, 0, 2), (label) => (label === 0n ? [1, 0] : [0, 1])),
  );
}

/** A BERT without dropout by its size, such as `6x384`: heads of 32 up to 12 of them, 4 x width inside, 8,000 word pieces. */
export function benchArchitecture(size: string): BertConfig {
  const [, layers, width] = /^(\d+)x(\d+)$/.exec(size) ?? [];
  const heads = Math.min(12, Number(width) / 32);
  const shape = {
    kind: 'bert',
    layers: Number(layers),
    width: Number(width),
    heads,
    intermediate: 4 * Number(width),
    vocabularySize: 8000,
  };
  const parsed = bertSchema.safeParse({ ...shape, dropout: 0, attentionDropout: 0 });
  if (parsed.success) return parsed.data;
  throw new UsageError(
    'usage/argument',
    `bench: ${JSON.stringify(size)} is no size of a model`,
    'write LAYERSxWIDTH, such as 6x384; the width a multiple of 32, or from 384 on of 12.',
  );
}
