import {
  type GraphBuilder,
  gemm,
  matMul,
  type OpFamily,
  product,
  reshape,
  reshapeLike,
  transpose,
  type Value,
} from '../../../models/index.js';
import type { GradientRules } from '../rule.js';

export const matmul: GradientRules<OpFamily['matmul']> = {
  MatMul: (g, { inputs: [a, b] }, [dy]) =>
    b!.shape.length === 2 ? byMatrix(g, a!, b!, dy) : [matMul(g, dy, exchanged(g, b!)), matMul(g, exchanged(g, a!), dy)],
  Gemm: (g, { inputs: [a, b], attributes: { transA, transB } }, [dy]) => [
    transA ? gemm(g, b!, dy, { transA: transB, transB: true }) : gemm(g, dy, b!, { transB: !transB }), // Y = A·B: dA = dY·Bᵀ; Y = Aᵀ·B: dA = B·dYᵀ
    transB ? gemm(g, dy, a!, { transA: true, transB: transA }) : gemm(g, a!, dy, { transA: !transA }), // Y = A·B: dB = Aᵀ·dY; Y = A·Bᵀ: dB = dYᵀ·A
  ],
};

/** dA = dY·Bᵀ and dB = Aᵀ·dY where B is one matrix for the whole stack A: two plain products over all rows at once. */
function byMatrix(g: GraphBuilder, a: Value, b: Value, dy: Value): [Value, Value] {
  const rows = product(a.shape.slice(0, -1));
  const flatA = reshape(g, a, [rows, a.shape.at(-1)!]); // [rows, inner]
  const flatDy = reshape(g, dy, [rows, dy.shape.at(-1)!]); // [rows, columns]
  const da = gemm(g, flatDy, b, { transB: true }); // [rows, inner]
  return [reshapeLike(g, da, a), gemm(g, flatA, flatDy, { transA: true })];
}

/** The last two dims exchanged. */
const exchanged = (g: GraphBuilder, x: Value): Value => {
  const rank = x.shape.length;
  return transpose(g, x, [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]);
};
