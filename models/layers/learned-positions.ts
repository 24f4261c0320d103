import type { Value } from '../graph/graph.js';
import { shapeOf, slice, take } from '../graph/ops/layout.js';
import { embedding } from './embedding.js';
import type { Scope } from './scope.js';

/**
 * A learned vector for each place in a text.
 *
 *     ids                          [batch, tokens], of which only the length is looked at: tokens <= entries
 *     position_embeddings.weight   [entries, width]
 *     returns                      [tokens, width]
 */
export function learnedPositions(
  scope: Scope,
  ids: Value,
  { entries, width, deviation }: { entries: number; width: number; deviation: number },
): Value {
  const g = scope.graph;
  const length = slice(g, shapeOf(g, ids), { axis: 0, start: 1, end: 2 }); // [1], holds tokens
  const every = g.constant(
    Array.from({ length: entries }, (_, i) => i),
    'int64',
  );
  return embedding(scope.at('position_embeddings'), take(g, every, length), { entries, width, deviation });
}
