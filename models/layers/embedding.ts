import type { Value } from '../graph/graph.js';
import { gather } from '../graph/ops/indexing.js';
import type { Scope } from './scope.js';

/**
 * Rows of a table.
 *
 *     ids      [...] int64, each 0 <= id < entries
 *     weight   [entries, width]
 *     returns  [..., width]
 */
export function embedding(
  scope: Scope,
  ids: Value,
  { entries, width, deviation = 0.02 }: { entries: number; width: number; deviation?: number },
): Value {
  return gather(scope.graph, scope.parameter('weight', [entries, width], { kind: 'normal', deviation }), ids);
}
