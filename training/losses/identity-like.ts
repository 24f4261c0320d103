import {
  concat,
  expandLike,
  type GraphBuilder,
  product,
  reduceMax,
  reshape,
  reshapeLike,
  shapeOf,
  stopGradient,
  take,
  type Value,
} from '../../models/index.js';

/**
 * The identity matrix of the size of `square`, known when the graph runs. Rows of a one and n zeros, laid end to end and cut after n·n, are
 * its rows: that takes no op that a provider lacks.
 *
 *     square, returns  [batch, batch]
 */
export function identityLike(g: GraphBuilder, square: Value): Value {
  const column = reduceMax(g, square, { axes: [1], keepdims: true }); // [batch, 1]
  const filled = (value: number, like: Value): Value => expandLike(g, g.constant(value, square.type, [1, 1]), like);
  const rows = concat(g, [filled(1, column), filled(0, square)], 1); // [batch, 1 + batch]
  const size = shapeOf(g, reshape(g, square, [product(square.shape)]));
  return stopGradient(g, reshapeLike(g, take(g, reshape(g, rows, [product(rows.shape)]), size), square));
}
