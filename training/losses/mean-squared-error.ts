import { z } from 'zod';
import { type GraphBuilder, mul, reduceMean, sub, type Value } from '../../models/index.js';
import type { Supervised } from './supervised.js';

export const meanSquaredErrorSchema = z.strictObject({ kind: z.literal('mse') });

/**
 * Mean of (logits - target)².
 *
 *     logits, target  [batch, values]
 *     returns         []
 */
export function meanSquaredError(g: GraphBuilder, { logits, target }: Supervised): Value {
  const error = sub(g, logits, target);
  return reduceMean(g, mul(g, error, error), { axes: [0, 1] });
}
