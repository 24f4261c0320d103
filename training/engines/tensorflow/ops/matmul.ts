import type { OpFamily } from '../../../../models/index.js';
import { attribute } from '../attributes.js';
import { reshapeTo } from '../run-time-shapes.js';
import type { TensorflowOps } from '../write-graph.js';

export const matmul: TensorflowOps<OpFamily['matmul']> = {
  // One matrix for a whole stack is one product of all its rows; XLA would repeat the matrix for each of the stack.
  MatMul: ({ w, node }, [a, b]) => {
    const [{ shape: left }, { shape: right }] = node.inputs as readonly [(typeof node.inputs)[0], (typeof node.inputs)[0]];
    if (right.length > 2) return [w.add('BatchMatMulV2', [a!, b!])];
    if (left.length === 2) return [w.add('MatMul', [a!, b!])];
    const rows = w.add('Reshape', [a!, w.constant([-1, Number(right[0])])]);
    return [reshapeTo(w, w.add('MatMul', [rows, b!]), node.outputs[0]!.shape, [[a!, left]])];
  },
  Gemm: ({ w }, [a, b], { transA, transB }) => [
    w.add('MatMul', [a!, b!], { attributes: { transpose_a: attribute.bool(transA), transpose_b: attribute.bool(transB) } }),
  ],
};
