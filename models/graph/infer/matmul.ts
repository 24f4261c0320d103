import type { OpFamily } from '../graph.js';
import { broadcast, numberType, sameType } from './elementwise.js';
import { describe, type InferRules } from './rule.js';

export const matmul: InferRules<OpFamily['matmul']> = {
  MatMul: ([a, b], _, fail) => {
    const type = sameType(a!, b!, fail) && numberType(a!, fail);
    if (a!.shape.length < 2 || b!.shape.length < 2) {
      fail('graph/shape', `takes two matrices or stacks of them: ${describe(a!)}, ${describe(b!)}`, 'unsqueeze the vector first.');
    }
    if (a!.shape.at(-1) !== b!.shape.at(-2)) {
      fail(
        'graph/shape',
        `inner dims differ: ${describe(a!)}, ${describe(b!)}`,
        `the last dim of ${a!.name} must equal the last but one of ${b!.name}.`,
      );
    }
    const stack = broadcast({ ...a!, shape: a!.shape.slice(0, -2) }, { ...b!, shape: b!.shape.slice(0, -2) }, fail);
    return [{ shape: [...stack, a!.shape.at(-2)!, b!.shape.at(-1)!], type }];
  },
  Gemm: ([a, b], { transA, transB }, fail) => {
    const type = sameType(a!, b!, fail) && numberType(a!, fail);
    if (a!.shape.length !== 2 || b!.shape.length !== 2) {
      fail('graph/shape', `takes two matrices: ${describe(a!)}, ${describe(b!)}`, 'reshape to two dims, or use MatMul.');
    }
    const [rows, inner] = transA ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!];
    const [other, columns] = transB ? [b!.shape[1]!, b!.shape[0]!] : [b!.shape[0]!, b!.shape[1]!];
    if (inner !== other) {
      fail(
        'graph/shape',
        `inner dims differ: ${describe(a!)}${transA ? ' transposed' : ''}, ${describe(b!)}${transB ? ' transposed' : ''}`,
        `${inner} must equal ${other}.`,
      );
    }
    return [{ shape: [rows, columns], type }];
  },
};
