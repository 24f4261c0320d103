import type { OpAttributes } from '../graph.js';
import { numbersOf } from '../tensor.js';
import { axisOf } from './layout.js';
import type { InferRule, InferRules } from './rule.js';

const reduce: InferRule<'ReduceSum' | 'ReduceMean' | 'ReduceMax'> = ([x, axes], { keepdims }: OpAttributes['ReduceSum'], fail) => {
  if (!axes?.constant) return fail('graph/shape', `the axes of ${x!.name} must be known when the graph is built`, 'pass a constant.');
  const reduced = new Set(numbersOf(axes.constant).map((axis) => axisOf(axis, x!.shape.length, x!, fail)));
  const shape = x!.shape.flatMap((dim, i) => (reduced.has(i) ? (keepdims ? [1] : []) : [dim]));
  return [{ shape, type: x!.type }];
};

export const reduction: InferRules<'ReduceSum' | 'ReduceMean' | 'ReduceMax'> = { ReduceSum: reduce, ReduceMean: reduce, ReduceMax: reduce };
