import type { OpFamily } from '../graph.js';
import { sizeOf } from '../tensor.js';
import type { Evaluation, Evaluations } from './evaluation.js';
import { eachIndex, stridesOf } from './strides.js';

type Reduction = OpFamily['reduction'];

const reduce =
  (start: number, fold: (sum: number, x: number) => number, finish: (sum: number, count: number) => number): Evaluation<Reduction> =>
  ([x, axes], { keepdims }) => {
    const rank = x!.dims.length;
    const reduced = new Set(Array.from(axes!.data, (axis) => (axis < 0 ? axis + rank : axis)));
    const keptDims = x!.dims.map((size, i) => (reduced.has(i) ? 1 : size));
    const strides = stridesOf(keptDims);
    const data = new Float64Array(sizeOf(keptDims)).fill(start);
    eachIndex(x!.dims, (index, position) => {
      const to = index.reduce((sum, n, i) => sum + (reduced.has(i) ? 0 : n * strides[i]!), 0);
      data[to] = fold(data[to]!, x!.data[position]!);
    });
    const count = x!.data.length / data.length;
    return [{ dims: keepdims ? keptDims : x!.dims.filter((_, i) => !reduced.has(i)), data: data.map((sum) => finish(sum, count)) }];
  };

export const reduction: Evaluations<OpFamily['reduction']> = {
  ReduceSum: reduce(
    0,
    (sum, x) => sum + x,
    (sum) => sum,
  ),
  ReduceMean: reduce(
    0,
    (sum, x) => sum + x,
    (sum, count) => sum / count,
  ),
  ReduceMax: reduce(
    Number.NEGATIVE_INFINITY,
    (top, x) => Math.max(top, x),
    (top) => top,
  ),
};
