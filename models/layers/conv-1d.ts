import type { Value } from '../graph/graph.js';
import { add } from '../graph/ops/elementwise.js';
import { matMul } from '../graph/ops/matmul.js';
import type { LinearOptions } from './linear.js';
import type { Scope } from './scope.js';

/**
 * `x · weight + bias` over the last dim, its weight stored as it is multiplied by: what GPT-2 calls a convolution of one token.
 *
 *     x        [..., inputs]
 *     weight   [inputs, outputs]
 *     bias     [outputs]
 *     returns  [..., outputs]
 */
export function conv1d(scope: Scope, x: Value, { inputs, outputs, deviation = 0.02 }: LinearOptions): Value {
  const weight = scope.parameter('weight', [inputs, outputs], { kind: 'normal', deviation });
  return add(scope.graph, matMul(scope.graph, x, weight), scope.parameter('bias', [outputs], { kind: 'zeros' }));
}
