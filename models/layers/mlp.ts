import type { Value } from '../graph/graph.js';
import { relu } from '../graph/ops/elementwise.js';
import { dropout } from './dropout.js';
import { layerNorm } from './layer-norm.js';
import { linear } from './linear.js';
import type { Scope } from './scope.js';

export type MlpOptions = {
  readonly inputs: number;
  /** Widths between; none makes it one linear layer under the same names. */
  readonly widths: readonly number[];
  readonly outputs: number;
  readonly dropout: number;
  /** Layer normalisation before each ReLU, with this epsilon. Default: none. */
  readonly normalized?: number;
  /** Of the weights at the start. Default: PyTorch's for each size. */
  readonly deviation?: number;
};

/**
 * A linear layer, ReLU and dropout for each of `widths`, then a linear layer to the outputs.
 *
 *     x                          [..., inputs]
 *     hidden.0.weight, .bias, …  one a width; `hidden.0.LayerNorm` where normalised
 *     weight, bias               of the last layer
 *     returns                    [..., outputs]
 */
export function mlp(scope: Scope, x: Value, { inputs, widths, outputs, dropout: rate, normalized, deviation }: MlpOptions): Value {
  const start = (size: number) => ({ deviation: deviation ?? 1 / Math.sqrt(3 * size) }); // as PyTorch: uniform within 1 / √size
  let [h, size] = [x, inputs];
  for (const [i, width] of widths.entries()) {
    const layer = scope.at('hidden').at(String(i));
    h = linear(layer, h, { inputs: size, outputs: width, ...start(size) });
    if (normalized !== undefined) h = layerNorm(layer.at('LayerNorm'), h, { width, epsilon: normalized });
    h = dropout(layer, relu(scope.graph, h), rate);
    size = width;
  }
  return linear(scope, h, { inputs: size, outputs, ...start(size) });
}
