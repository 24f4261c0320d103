/** @file Batches without end: a second stream beside the labelled one, or the labelled one beside a longer second. */
import { invariant } from '../../models/index.js';
import { type EpochPlan, planEpoch } from './batches.js';

/** Batches of one pass; the last one is short where they do not come out even. */
export const batchesOf = (examples: number, batchSize: number): number => Math.ceil(examples / batchSize);

/** Examples of the second stream to each batch of the first, cut to a whole number: 1.5 x 16 are 24. */
export const secondBatchSize = (batchSize: number, ratio: number): number => Math.max(1, Math.floor(batchSize * ratio));

/** The batch at a place in a stream that starts again, in another order, when it is through. It depends on the plan and the place alone, so
 *  a run that goes on in the middle sees what it would have seen.
 *  @returns `batch(at)`: indices into `lengths` */
export function endlessBatches(plan: Omit<EpochPlan, 'epoch'>): (at: number) => readonly number[] {
  const perPass = batchesOf(plan.lengths.length, plan.batchSize);
  invariant(perPass > 0, 'endlessBatches: no examples');
  let current: { readonly pass: number; readonly batches: readonly (readonly number[])[] } | undefined;
  return (at) => {
    const pass = Math.floor(at / perPass);
    if (current?.pass !== pass) current = { pass, batches: planEpoch({ ...plan, epoch: pass }) };
    return current.batches[at % perPass]!;
  };
}
