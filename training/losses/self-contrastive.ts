/** @file Contrastive learning without labels: each text's two views find each other among the batch (SimCSE, Gao et al. 2021). */
import { z } from 'zod';
import { div, type GraphBuilder, gemm, mul, reduceMean, reduceSum, squeeze, sub, type Value } from '../../models/index.js';
import { logSumExp } from './log-probabilities.js';
import { unitRows } from './unit-rows.js';

export const selfContrastiveSchema = z.strictObject({
  /** Of the contrast beside the other losses. */
  weight: z.number().positive().default(0.1),
  /** Similarities are divided by it: the lower, the more the nearest texts count. */
  temperature: z.number().min(0.01).default(0.05),
});

/**
 * Mean over the batch of -log(exp(a_i·b_i / T) / Σ_k exp(a_i·b_k / T)), a and b being the two views at length one.
 *
 *     first, second  [batch, width]: the same texts under two dropouts, or in two wordings
 *     returns        []
 */
export function selfContrastive(
  g: GraphBuilder,
  { first, second }: { readonly first: Value; readonly second: Value },
  { temperature }: { readonly temperature: number },
): Value {
  const [a, b] = [div(g, unitRows(g, first), temperature), unitRows(g, second)];
  const all = squeeze(g, logSumExp(g, gemm(g, a, b, { transB: true })), [1]); // [batch]
  return reduceMean(g, sub(g, all, reduceSum(g, mul(g, a, b), { axes: [1] })), { axes: [0] });
}
