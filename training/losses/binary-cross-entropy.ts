import { z } from 'zod';
import { add, type GraphBuilder, mul, neg, reduceMean, sub, type Value } from '../../models/index.js';
import { labelWeights } from './label-weights.js';
import { logSigmoids } from './log-probabilities.js';
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
 *     returns  []
 */
export function binaryCrossEntropy(
  g: GraphBuilder,
  { logits, target }: Supervised,
  { weights }: { readonly weights?: readonly number[] | undefined } = {},
): Value {
  const { yes, no } = logSigmoids(g, logits);
  const positive = mul(g, target, yes);
  const weighted = weights ? mul(g, positive, g.constant(weights, positive.type)) : positive;
  return neg(g, reduceMean(g, add(g, weighted, mul(g, sub(g, 1, target), no)), { axes: [0, 1] }));
}
