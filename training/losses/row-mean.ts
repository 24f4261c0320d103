import { div, type GraphBuilder, max, mul, reduceMean, reduceSum, type Value } from '../../models/index.js';

/**
 * The mean over the rows that `mask` keeps, all without one; 0 where it keeps none. A mask of other weights makes it their weighted mean,
 * where they add up to 1 at least.
 *
 *     rows     [batch]
 *     mask     [batch], 0 or 1, or a weight for each row
 *     returns  []
 */
export function rowMean(g: GraphBuilder, rows: Value, mask?: Value): Value {
  if (!mask) return reduceMean(g, rows, { axes: [0] });
  return div(g, reduceSum(g, mul(g, rows, mask), { axes: [0] }), max(g, reduceSum(g, mask, { axes: [0] }), 1));
}
