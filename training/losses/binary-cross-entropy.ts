import { z } from 'zod';
import { add, type GraphBuilder, mul, neg, reduceMean, sub, type Value } from '../../models/index.js';
import { labelWeights } from './label-weights.js';
import { logSigmoids } from './log-probabilities.js';
import { rowMean } from './row-mean.js';
import type { Supervised } from './supervised.js';

export const binaryCrossEntropySchema = z.strictObject({
  kind: z.literal('binary-cross-entropy'),
  /** What a text that has the label counts beside one that has not, in the order of the labels; `balanced`: as much in total. */
  positiveWeights: labelWeights.optional(),
});

/**
 * Mean over texts and labels of -(w·y·log sigmoid(x) + (1 - y)·log(1 - sigmoid(x))), as PyTorch's `BCEWithLogitsLoss` with `pos_weight`.
 *
 *     logits   [batch, labels]
 *     target   [batch, labels], 0 to 1
 *     mask     [batch]: what each row counts; all alike without it
 *     returns  []
 */
export function binaryCrossEntropy(
  g: GraphBuilder,
  { logits, target }: Supervised,
  { weights }: { readonly weights?: readonly number[] | undefined } = {},
  mask?: Value,
): Value {
  const { yes, no } = logSigmoids(g, logits);
  const positive = mul(g, target, yes);
  const weighted = weights ? mul(g, positive, g.constant(weights, positive.type)) : positive;
  const each = add(g, weighted, mul(g, sub(g, 1, target), no)); // [batch, labels]
  return neg(g, mask ? rowMean(g, reduceMean(g, each, { axes: [1] }), mask) : reduceMean(g, each, { axes: [0, 1] }));
}
