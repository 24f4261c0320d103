import type { OpAttributes, OpFamily } from '../graph.js';
import { numbersOf } from '../tensor.js';
import { numberType } from './elementwise.js';
import { axisOf } from './layout.js';
import type { InferRule, InferRules } from './rule.js';

const reduce: InferRule<'ReduceSum' | 'ReduceMean' | 'ReduceMax'> = ([x, axes], { keepdims }: OpAttributes['ReduceSum'], fail) => {
  if (!axes?.constant) return fail('graph/shape', `the axes of ${x!.name} must be known when the graph is built`, 'pass a constant.');
  if (axes.constant.data.length === 0)
    return fail('graph/shape', `no axes for ${x!.name}, which ONNX takes for all of them`, 'name the axes, or leave the reduction out.');
  const reduced = new Set(numbersOf(axes.constant).map((axis) => axisOf(axis, x!.shape.length, x!, fail)));
  const shape = x!.shape.flatMap((dim, i) => (reduced.has(i) ? (keepdims ? [1] : []) : [dim]));
  return [{ shape, type: numberType(x!, fail) }];
};

export const reduction: InferRules<OpFamily['reduction']> = { ReduceSum: reduce, ReduceMean: reduce, ReduceMax: reduce };
