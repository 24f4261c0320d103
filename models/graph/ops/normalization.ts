import type { GraphBuilder } from '../builder.js';
import type { Value } from '../graph.js';

export const softmax = (g: GraphBuilder, x: Value, axis = -1): Value => g.add('Softmax', [x], { axis })[0]!;

/** `(x - mean) / sqrt(variance + epsilon) * scale + bias` over the last dim. */
export const layerNormalization = (g: GraphBuilder, x: Value, scale: Value, bias: Value, epsilon: number): Value =>
  g.add('LayerNormalization', [x, scale, bias], { axis: -1, epsilon })[0]!;
