import { z } from 'zod';
import { add, div, type GraphBuilder, mul, reduceMean, reduceSum, sigmoid, sub, type Value } from '../../models/index.js';
import { power } from './power.js';
import type { Supervised } from './supervised.js';

export const diceSchema = z.strictObject({
  kind: z.literal('dice'),
  /** Added above and below, so that a batch without a positive has a value. */
  smooth: z.number().positive().default(1),
  /** One coefficient for each text and label, with p weighed down where it is already told rightly, in place of one over the batch. */
  selfAdjusting: z.boolean().default(false),
  /** Of the weighing down: (1 - p)^alpha. */
  alpha: z.number().min(0).default(1),
});

type Options = { readonly smooth: number; readonly selfAdjusting: boolean; readonly alpha: number };

/**
 * 1 - (2·Σ p·y + smooth) / (Σ p + Σ y + smooth) with p = sigmoid(logits), over the whole batch. Self-adjusting: for each text and label with
 * q = (1 - p)^alpha·p in the place of p, then the mean (Li et al. 2020, "Dice Loss for Data-imbalanced NLP Tasks", formula 9).
 *
 *     logits   [batch, labels]
 *     target   [batch, labels], 0 to 1
 *     returns  []
 */
export function dice(g: GraphBuilder, { logits, target }: Supervised, { smooth, selfAdjusting, alpha }: Options): Value {
  const p = sigmoid(g, logits);
  const axes = [0, 1];
  if (!selfAdjusting) {
    const sum = (x: Value): Value => reduceSum(g, x, { axes });
    return loss(g, sum(mul(g, p, target)), add(g, sum(p), sum(target)), smooth);
  }
  const easy = power(g, sub(g, 1, p), alpha);
  const q = easy ? mul(g, easy, p) : p;
  return reduceMean(g, loss(g, mul(g, q, target), add(g, q, target), smooth), { axes });
}

const loss = (g: GraphBuilder, shared: Value, both: Value, smooth: number): Value =>
  sub(g, 1, div(g, add(g, mul(g, shared, 2), smooth), add(g, both, smooth)));
