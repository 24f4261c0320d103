import { div, type GraphBuilder, max, mul, reduceMean, reduceSum, type Value } from '../../models/index.js';

/**
 * The mean over the rows that `mask` keeps, all without one; 0 where it keeps none.
 *
 *     rows     [batch]
 *     mask     [batch], 0 or 1
 *     returns  []
 */
export function rowMean(g: GraphBuilder, rows: Value, mask?: Value): Value {
  if (!mask) return reduceMean(g, rows, { axes: [0] });
  return div(g, reduceSum(g, mul(g, rows, mask), { axes: [0] }), max(g, reduceSum(g, mask, { axes: [0] }), 1));
}
