/** @file Token vectors to one vector a text, padding left out wherever it stands: the largest of each number, or the last token. */
import type { Value } from '../graph/graph.js';
import { add, cast, equal, mul, where } from '../graph/ops/elementwise.js';
import { unsqueeze } from '../graph/ops/layout.js';
import { reduceMax, reduceSum } from '../graph/ops/reduction.js';
import { positions, sizeAlong } from './positions.js';
import type { Scope } from './scope.js';

/**
 * The largest of each number over the tokens; -10000 for a text without any.
 *
 *     states    [batch, tokens, width]
 *     mask      [batch, tokens] int64
 *     returns   [batch, width]
 */
export function maxOverTime({ graph: g }: Scope, states: Value, mask: Value): Value {
  const token = cast(g, unsqueeze(g, mask, [2]), 'bool'); // [batch, tokens, 1]
  return reduceMax(g, where(g, token, states, -10_000), { axes: [1] });
}

/**
 * The vector of the last token; zeros for a text without any.
 *
 *     states    [batch, tokens, width]
 *     mask      [batch, tokens] int64
 *     returns   [batch, width]
 */
export function lastToken({ graph: g }: Scope, states: Value, mask: Value): Value {
  const place = add(g, positions(g, sizeAlong(g, mask, 1)), 1); // [tokens], from 1: a text without tokens has its last at 0
  const isLast = equal(g, place, reduceMax(g, mul(g, mask, place), { axes: [1], keepdims: true })); // [batch, tokens]
  return reduceSum(g, mul(g, states, unsqueeze(g, cast(g, isLast, g.float), [2])), { axes: [1] });
}
