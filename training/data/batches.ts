/** @file Which examples are trained on together: alike in length, so that little is padding, yet in a random order. */
import { invariant } from '../../models/index.js';
import { createRandom } from './random.js';

export type EpochPlan = {
  /** Tokens of each example. */
  readonly lengths: ArrayLike<number>;
  readonly batchSize: number;
  /** Batches' worth of examples that are sorted by length together. 1 is a plain shuffle; larger pads less and mixes less. */
  readonly bucketMultiplier: number;
  readonly seed: number;
  readonly epoch: number;
};

/** Batches of one epoch as indices into `lengths`; each index comes once. All have `batchSize` examples but for one, wherever it falls, that
 *  takes what is left. The same plan gives the same batches: nothing but it is looked at. */
export function planEpoch({ lengths, batchSize, bucketMultiplier, seed, epoch }: EpochPlan): number[][] {
  invariant(batchSize >= 1 && bucketMultiplier >= 1, `planEpoch: batchSize ${batchSize}, bucketMultiplier ${bucketMultiplier}`);
  const random = createRandom(seed, epoch);
  const shuffled = random.shuffle(Array.from({ length: lengths.length }, (_, index) => index));
  const pool = batchSize * bucketMultiplier;
  const batches: number[][] = [];
  for (let start = 0; start < shuffled.length; start += pool) {
    // Stable sort: equal lengths stay in shuffled order.
    const sorted = shuffled.slice(start, start + pool).sort((a, b) => lengths[a]! - lengths[b]!);
    for (let at = 0; at < sorted.length; at += batchSize) batches.push(sorted.slice(at, at + batchSize));
  }
  return random.shuffle(batches);
}

/** Share of a plan's token slots that hold padding, in 0..1. */
export function paddingShare(batches: readonly (readonly number[])[], lengths: ArrayLike<number>): number {
  let slots = 0;
  let tokens = 0;
  for (const batch of batches) {
    const batchLengths = batch.map((index) => lengths[index]!);
    slots += Math.max(0, ...batchLengths) * batch.length;
    tokens += batchLengths.reduce((a, b) => a + b, 0);
  }
  return slots === 0 ? 0 : 1 - tokens / slots;
}
