import type { Value } from '../graph/graph.js';
import { add } from '../graph/ops/elementwise.js';
import { matMul } from '../graph/ops/matmul.js';
import type { Scope } from './scope.js';

export type LinearOptions = { readonly inputs: number; readonly outputs: number; readonly deviation?: number };

/**
 * `x · weight + bias` over the last dim. Written as MatMul and Add: quantisers pass over Gemm.
 *
 *     x        [..., inputs]
 *     weight   [inputs, outputs]   (stored as PyTorch does: [outputs, inputs])
 *     bias     [outputs]
 *     returns  [..., outputs]
 */
export function linear(scope: Scope, x: Value, { inputs, outputs, deviation = 0.02 }: LinearOptions): Value {
  const weight = scope.parameter('weight', [inputs, outputs], { kind: 'normal', deviation }, { transposed: true });
  const bias = scope.parameter('bias', [outputs], { kind: 'zeros' });
  return add(scope.graph, matMul(scope.graph, x, weight), bias);
}
