import { z } from 'zod';
import { add, div, type GraphBuilder, max, mul, neg, reduceSum, type Value } from '../../models/index.js';
import { labelWeights } from './label-weights.js';
import { logSoftmax } from './log-probabilities.js';
import { rowMean } from './row-mean.js';
import type { Supervised } from './supervised.js';

export const crossEntropySchema = z.strictObject({
  kind: z.literal('cross-entropy'),
  /** Share of the target that is spread over all labels alike (Szegedy et al. 2015). */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** What a text of each label counts, in the order of the labels; `balanced`: the rarer, the more. */
  classWeights: labelWeights.optional(),
});

export type CrossEntropyOptions = { readonly labelSmoothing?: number | undefined; readonly weights?: readonly number[] | undefined };

/**
 * Mean over the batch of -Σ_c w_c · ((1 - s)·y_c + s/labels) · log softmax(logits)_c, with s the smoothing. With weights the mean is over
 * Σ_c w_c·y_c, as PyTorch's `CrossEntropyLoss` takes it for indices.
 *
 *     logits   [batch, labels]
 *     target   [batch, labels], rows that sum to one: one-hot or soft
 *     mask     [batch], 0 or 1: rows that count; all without it
 *     returns  []
 */
export function crossEntropy(g: GraphBuilder, { logits, target }: Supervised, options: CrossEntropyOptions = {}, mask?: Value): Value {
  const { labelSmoothing = 0, weights } = options;
  const labels = logits.shape.at(-1) as number;
  const smooth = labelSmoothing === 0 ? target : add(g, mul(g, target, 1 - labelSmoothing), labelSmoothing / labels);
  const each = mul(g, smooth, logSoftmax(g, logits)); // [batch, labels]
  const weigh = (x: Value): Value => (weights ? mul(g, x, g.constant(weights, x.type)) : x);
  const rows = neg(g, reduceSum(g, weigh(each), { axes: [1] })); // [batch]
  if (!weights) return rowMean(g, rows, mask);
  const counts = reduceSum(g, weigh(target), { axes: [1] }); // [batch]
  const sum = (x: Value): Value => reduceSum(g, mask ? mul(g, x, mask) : x, { axes: [0] });
  return div(g, sum(rows), max(g, sum(counts), 1e-9));
}
