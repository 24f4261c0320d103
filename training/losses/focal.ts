import { z } from 'zod';
import { exp, type GraphBuilder, mul, neg, reduceMean, reduceSum, sub, type Value } from '../../models/index.js';
import { labelWeights } from './label-weights.js';
import { logSoftmax } from './log-probabilities.js';
import { power } from './power.js';
import type { Supervised } from './supervised.js';

export const focalReduction = z.enum(['mean', 'sum']).default('mean');

export const focalSchema = z.strictObject({
  kind: z.literal('focal'),
  /** 0 is cross-entropy; the higher, the less a text counts that is already told rightly. */
  gamma: z.number().min(0).default(2),
  /** The paper's α: what each label counts; `balanced`: the rarer, the more. */
  classWeights: labelWeights.optional(),
  /** Over the texts of a batch. */
  reduction: focalReduction,
});

type Options = {
  readonly gamma: number;
  readonly weights?: readonly number[] | undefined;
  readonly reduction: 'mean' | 'sum';
};

/**
 * Focal loss (Lin et al. 2017) over a softmax: Σ_c -α_c · y_c · (1 - p_c)^gamma · log p_c, mean or sum over the batch.
 *
 *     logits   [batch, labels]
 *     target   [batch, labels], rows that sum to one
 *     returns  []
 */
export function focal(g: GraphBuilder, { logits, target }: Supervised, { gamma, weights, reduction }: Options): Value {
  const logs = logSoftmax(g, logits);
  const easy = power(g, sub(g, 1, exp(g, logs)), gamma);
  const each = mul(g, target, easy ? mul(g, easy, logs) : logs);
  const weighted = weights ? mul(g, each, g.constant(weights, each.type)) : each;
  const rows = reduceSum(g, weighted, { axes: [1] }); // [batch]
  return neg(g, { mean: reduceMean, sum: reduceSum }[reduction](g, rows, { axes: [0] }));
}
