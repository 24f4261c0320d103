/** @file Which tokens the two texts of a pair share, found out in the graph itself: whoever runs the model has nothing to mark. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { add, cast, equal, mul, not } from '../graph/ops/elementwise.js';
import { pad, unsqueeze } from '../graph/ops/layout.js';
import { reduceMax } from '../graph/ops/reduction.js';

/** How many answers `exactMatch` gives. */
export const exactMatches = 4;

/**
 * Whether a token also stands in the other text of its pair (the exact match feature of Chen et al. 2017, section 3.2), and how many of its
 * two neighbours stand beside it there: 0 no; 1 the token alone, 2 with one of them, 3 with both. In a single text 0 everywhere.
 *
 *     ids, mask, types   [batch, tokens] int64; types are 0 in the first text and 1 in the second
 *     returns            [batch, tokens] int64
 */
export function exactMatch(g: GraphBuilder, { ids, mask, types }: Readonly<Record<'ids' | 'mask' | 'types', Value>>): Value {
  const along = (x: Value): Value => unsqueeze(g, x, [2]);
  const across = (x: Value): Value => unsqueeze(g, x, [1]);
  const number = (x: Value): Value => cast(g, x, g.float);
  const same = (x: Value): Value => equal(g, along(x), across(x));
  const real = mul(g, along(number(mask)), across(number(mask)));
  const matches = mul(g, real, mul(g, number(same(ids)), number(not(g, same(types))))); // [batch, tokens, tokens]
  const moved = (by: 1 | -1): Value => pad(g, matches, { 1: [by, -by], 2: [by, -by] });
  const runs = mul(g, matches, add(g, add(g, moved(1), moved(-1)), 1)); // [batch, tokens, tokens]
  return cast(g, reduceMax(g, runs, { axes: [2] }), 'int64');
}
