/** @file Supervised contrastive learning (Khosla et al. 2020; for text Gunel et al. 2021): texts of one label lie close together. */
import { z } from 'zod';
import { cast, div, type GraphBuilder, gemm, greater, max, mul, neg, reduceSum, sub, type Value, where } from '../../models/index.js';
import { identityLike } from './identity-like.js';
import { logSoftmax } from './log-probabilities.js';
import { rowMean } from './row-mean.js';
import { unitRows } from './unit-rows.js';

export const supervisedContrastiveSchema = z.strictObject({
  /** Of the contrast beside the other losses. */
  weight: z.number().positive().default(0.1),
  /** Similarities are divided by it: the lower, the more the nearest texts count. */
  temperature: z.number().min(0.01).default(0.2),
});

/** What stands for a text's similarity to itself: no exponential of it is above 0, in float16 either. */
const excluded = -10_000;

/**
 * For each text -(1/|P|) Σ_{j ∈ P} log(exp(z·z_j / T) / Σ_{k ≠ self} exp(z·z_k / T)), z of length one and P the other texts of the batch that
 * share a label with it; the mean over texts whose P is not empty, 0 where there are none.
 *
 *     features  [batch, width]
 *     target    [batch, labels], 0 and 1
 *     returns   []
 */
export function supervisedContrastive(
  g: GraphBuilder,
  { features, target }: { readonly features: Value; readonly target: Value },
  { temperature }: { readonly temperature: number },
): Value {
  const z = unitRows(g, features);
  const similarities = div(g, gemm(g, z, z, { transB: true }), temperature); // [batch, batch]
  const self = identityLike(g, similarities);
  const logs = logSoftmax(g, where(g, greater(g, self, 0), excluded, similarities));
  const shared = cast(g, greater(g, gemm(g, target, target, { transB: true }), 0), logs.type);
  const positive = mul(g, shared, sub(g, 1, self)); // [batch, batch]
  const count = reduceSum(g, positive, { axes: [1] }); // [batch]
  const rows = neg(g, div(g, reduceSum(g, mul(g, positive, logs), { axes: [1] }), max(g, count, 1)));
  return rowMean(g, rows, cast(g, greater(g, count, 0), rows.type));
}
