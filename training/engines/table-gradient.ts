/** @file The gradient of a table out of those of the rows that were looked up, as nodes. */
import { add, cast, concat, equal, type GraphBuilder, matMul, reshape, type Value } from '../../models/index.js';

/** Rows of the table that are made at once: what tells which look-ups each of them gets is [rows at once, look-ups]. */
const block = 4096;

/**
 * By products with ones and zeros, so that the sum of a row is the same at each run: cards add to one place in whatever order comes.
 *
 * @param lookups `ids` of any shape; `gradient` [...ids, width]
 * @returns [rows, width]
 */
export function tableGradient(
  g: GraphBuilder,
  lookups: readonly { readonly ids: Value; readonly gradient: Value }[],
  [rows, width]: readonly [number, number],
): Value {
  return lookups
    .map(({ ids, gradient }) => {
      const count = ids.shape.every((dim) => typeof dim === 'number') ? ids.shape.reduce((a, b) => a * b, 1) : ids.shape.join('*');
      const flatIds = reshape(g, cast(g, ids, 'int32'), [1, count]);
      const flat = reshape(g, gradient, [count, width]);
      const parts = Array.from({ length: Math.ceil(rows / block) }, (_, i) => {
        const own = Array.from({ length: Math.min(block, rows - i * block) }, (_, row) => i * block + row);
        const wanted = cast(g, equal(g, g.constant(own, 'int32', [own.length, 1]), flatIds), 'float32'); // [rows at once, count]
        return matMul(g, wanted, flat);
      });
      return parts.length === 1 ? parts[0]! : concat(g, parts, 0);
    })
    .reduce((sum, one) => add(g, sum, one));
}
