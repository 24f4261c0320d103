/** @file What the benchmarks of this folder share. */

import { createRandom } from '../data/random.js';
import type { LabelledBatch } from '../engines/engine.js';

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
export const range = (values: readonly number[]): string => `${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}`;

/** Random ids without padding, labels 0 and 1; the same at each call. */
export function randomBatch(batch: number, tokens: number): LabelledBatch {
  const random = createRandom(1);
  const draw = (count: number, low: number, high: number) =>
    BigInt64Array.from({ length: count }, () => BigInt(low + random.below(high - low)));
  const size = batch * tokens;
  return {
    batch,
    tokens,
    ids: draw(size, 5, 8000),
    mask: new BigInt64Array(size).fill(1n),
    types: new BigInt64Array(size),
    labels: draw(batch, 0, 2),
  };
}
