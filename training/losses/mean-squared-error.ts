import { z } from 'zod';
import { type GraphBuilder, mul, reduceMean, sub, type Value } from '../../models/index.js';
import { rowMean } from './row-mean.js';
import type { Supervised } from './supervised.js';

export const meanSquaredErrorSchema = z.strictObject({ kind: z.literal('mse') });

/**
 * Mean of (logits - target)².
 *
 *     logits, target  [batch, values]
 *     mask            [batch]: what each row counts; all alike without it
 *     returns         []
 */
export function meanSquaredError(g: GraphBuilder, { logits, target }: Supervised, _options: object = {}, mask?: Value): Value {
  const error = sub(g, logits, target);
  const squares = mul(g, error, error); // [batch, values]
  return mask ? rowMean(g, reduceMean(g, squares, { axes: [1] }), mask) : reduceMean(g, squares, { axes: [0, 1] });
}
