import type { Value } from '../graph/graph.js';
import { layerNormalization } from '../graph/ops/normalization.js';
import type { Scope } from './scope.js';

/**
 * Layer normalisation over the last dim.
 *
 *     x             [..., width]
 *     weight, bias  [width]
 *     returns       [..., width]
 */
export function layerNorm(scope: Scope, x: Value, { width, epsilon }: { readonly width: number; readonly epsilon: number }): Value {
  const weight = scope.parameter('weight', [width], { kind: 'ones' });
  const bias = scope.parameter('bias', [width], { kind: 'zeros' });
  return layerNormalization(scope.graph, x, weight, bias, epsilon);
}
