import { div, type GraphBuilder, greater, mul, reduceSum, sqrt, type Value, where } from '../../models/index.js';

/**
 * Rows divided by their L2 norm. A row shorter than 1e-6 stays as it is: it has no direction, and a gradient through its norm would be huge.
 *
 *     x, returns  [batch, width]
 */
export function unitRows(g: GraphBuilder, x: Value): Value {
  const squares = reduceSum(g, mul(g, x, x), { axes: [1], keepdims: true }); // [batch, 1]
  return div(g, x, sqrt(g, where(g, greater(g, squares, 1e-12), squares, 1)));
}
