import { z } from 'zod';
import { add, exp, type GraphBuilder, mul, neg, reduceMean, reduceSum, sub, type Value } from '../../models/index.js';
import { focalReduction } from './focal.js';
import { logSigmoids } from './log-probabilities.js';
import { power } from './power.js';
import type { Supervised } from './supervised.js';

export const binaryFocalSchema = z.strictObject({
  kind: z.literal('binary-focal'),
  /** 0 is cross-entropy; the higher, the less a label counts that is already told rightly. */
  gamma: z.number().min(0).default(2),
  /** What a label that the text has counts; one that it has not counts 1 - alpha. */
  alpha: z.number().gt(0).lt(1).default(0.25),
  /** Over texts and labels of a batch. */
  reduction: focalReduction,
});

type Options = { readonly gamma: number; readonly alpha: number; readonly reduction: 'mean' | 'sum' };

/**
 * Focal loss (Lin et al. 2017) over sigmoids: -α·y·(1 - p)^gamma·log p - (1 - α)·(1 - y)·p^gamma·log(1 - p), mean or sum over texts and labels.
 *
 *     logits   [batch, labels]
 *     target   [batch, labels], 0 to 1
 *     returns  []
 */
export function binaryFocal(g: GraphBuilder, { logits, target }: Supervised, { gamma, alpha, reduction }: Options): Value {
  const { yes, no } = logSigmoids(g, logits);
  // exp(no) is 1 - p and exp(yes) is p, each exact where it is small.
  const side = (share: Value, own: Value, other: Value, weight: number): Value => {
    const easy = power(g, exp(g, other), gamma);
    return mul(g, mul(g, share, weight), easy ? mul(g, easy, own) : own);
  };
  const each = add(g, side(target, yes, no, alpha), side(sub(g, 1, target), no, yes, 1 - alpha));
  return neg(g, { mean: reduceMean, sum: reduceSum }[reduction](g, each, { axes: [0, 1] }));
}
