import type { GraphBuilder } from '../builder.js';
import type { Value } from '../graph.js';

/** The product over the last two dims; the dims before them broadcast. */
export const matMul = (g: GraphBuilder, a: Value, b: Value): Value => g.add('MatMul', [a, b], {})[0]!;

/** The product of two matrices, either of them read transposed. */
export const gemm = (g: GraphBuilder, a: Value, b: Value, { transA = false, transB = false } = {}): Value =>
  g.add('Gemm', [a, b], { transA, transB })[0]!;
