import type { GraphBuilder } from '../builder.js';
import type { Value } from '../graph.js';

type Reduction = { readonly axes: readonly number[]; readonly keepdims?: boolean };
const reduce =
  (op: 'ReduceSum' | 'ReduceMean' | 'ReduceMax') =>
  (g: GraphBuilder, x: Value, { axes, keepdims = false }: Reduction): Value =>
    axes.length === 0 ? x : g.add(op, [x, g.constant(axes, 'int64')], { keepdims })[0]!; // to ONNX no axes would mean all

export const reduceSum = reduce('ReduceSum');
export const reduceMean = reduce('ReduceMean');
export const reduceMax = reduce('ReduceMax');
