import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { add, mul, tanh } from '../graph/ops/elementwise.js';

/** GELU as GPT-2 has it: ½x · (1 + tanh(√(2/π) · (x + 0.044715x³))). */
export function geluTanh(g: GraphBuilder, x: Value): Value {
  const inner = mul(g, x, add(g, mul(g, mul(g, x, x), 0.044715 * Math.sqrt(2 / Math.PI)), Math.sqrt(2 / Math.PI)));
  return mul(g, mul(g, x, 0.5), add(g, tanh(g, inner), 1));
}
