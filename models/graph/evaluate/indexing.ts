import type { OpFamily } from '../graph.js';
import type { Evaluations } from './evaluation.js';
import { around, eachIndex, empty, stridesOf } from './strides.js';

export const indexing: Evaluations<OpFamily['indexing']> = {
  Gather: ([x, indices], { axis }) => {
    const at = axis < 0 ? axis + x!.dims.length : axis;
    const { outer, size, inner } = around(x!.dims, at);
    const result = empty([...x!.dims.slice(0, at), ...indices!.dims, ...x!.dims.slice(at + 1)]);
    const count = indices!.data.length;
    for (let o = 0; o < outer; o++) {
      for (let n = 0; n < count; n++) {
        const row = indices!.data[n]! < 0 ? indices!.data[n]! + size : indices!.data[n]!;
        for (let i = 0; i < inner; i++) result.data[(o * count + n) * inner + i] = x!.data[(o * size + row) * inner + i]!;
      }
    }
    return [result];
  },
  GatherElements: ([x, indices], { axis }) => {
    const result = empty(indices!.dims);
    const strides = stridesOf(x!.dims);
    eachIndex(indices!.dims, (index, position) => {
      result.data[position] = x!.data[replaced(index, axis, indices!.data[position]!, strides)]!;
    });
    return [result];
  },
  ScatterElements: ([x, indices, updates], { axis, reduction }) => {
    const result = { dims: x!.dims, data: x!.data.slice() };
    const strides = stridesOf(x!.dims);
    eachIndex(indices!.dims, (index, position) => {
      const to = replaced(index, axis, indices!.data[position]!, strides);
      result.data[to] = updates!.data[position]! + (reduction === 'add' ? result.data[to]! : 0);
    });
    return [result];
  },
};

/** The position of `index` with its entry at `axis` replaced. */
const replaced = (index: readonly number[], axis: number, entry: number, strides: readonly number[]): number => {
  const at = axis < 0 ? axis + index.length : axis;
  return index.reduce((sum, n, i) => sum + (i === at ? entry : n) * strides[i]!, 0);
};
