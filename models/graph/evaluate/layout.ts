import type { OpFamily } from '../graph.js';
import { sizeOf } from '../tensor.js';
import type { Evaluations, Numbers } from './evaluation.js';
import { around, broadcastDims, broadcastPosition, eachIndex, empty, stridesOf } from './strides.js';

export const layout: Evaluations<OpFamily['layout']> = {
  Transpose: ([x], { perm }) => {
    const result = empty(perm.map((axis) => x!.dims[axis]!));
    const strides = stridesOf(x!.dims);
    eachIndex(result.dims, (index, position) => {
      result.data[position] = x!.data[perm.reduce((sum, axis, i) => sum + index[i]! * strides[axis]!, 0)]!;
    });
    return [result];
  },
  Reshape: ([x, shape]) => {
    const dims = Array.from(shape!.data, (size, i) => (size === 0 ? x!.dims[i]! : size));
    const known = dims.reduce((n, size) => (size === -1 ? n : n * size), 1);
    return [{ dims: dims.map((size) => (size === -1 ? sizeOf(x!.dims) / known : size)), data: x!.data }];
  },
  Unsqueeze: ([x, axes]) => {
    const rank = x!.dims.length + axes!.data.length;
    const added = axesOf(axes!, rank);
    const rest = [...x!.dims];
    return [{ dims: Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : rest.shift()!)), data: x!.data }];
  },
  Squeeze: ([x, axes]) => {
    const removed = axesOf(axes!, x!.dims.length);
    return [{ dims: x!.dims.filter((_, i) => !removed.has(i)), data: x!.data }];
  },
  Expand: ([x, shape]) => {
    const result = empty(broadcastDims(x!.dims, [...shape!.data]));
    const strides = stridesOf(x!.dims);
    eachIndex(result.dims, (index, position) => {
      result.data[position] = x!.data[broadcastPosition(index, x!.dims, strides)]!;
    });
    return [result];
  },
  Shape: ([x]) => [{ dims: [x!.dims.length], data: Float64Array.from(x!.dims) }],
  ConstantOfShape: ([shape], { value }) => {
    const result = empty([...shape!.data]);
    result.data.fill(value);
    return [result];
  },
  Concat: (inputs, { axis }) => {
    const at = axis < 0 ? axis + inputs[0]!.dims.length : axis;
    const size = inputs.reduce((sum, { dims }) => sum + dims[at]!, 0);
    const result = empty(inputs[0]!.dims.map((dim, i) => (i === at ? size : dim)));
    let start = 0;
    for (const x of inputs) {
      const strides = stridesOf(result.dims);
      eachIndex(x.dims, (index, position) => {
        result.data[index.reduce((sum, n, i) => sum + (i === at ? n + start : n) * strides[i]!, 0)] = x.data[position]!;
      });
      start += x.dims[at]!;
    }
    return [result];
  },
  Slice: ([x, starts, ends, axes]) => {
    const from = x!.dims.map(() => 0);
    const dims = [...x!.dims];
    axes!.data.forEach((axis, i) => {
      const at = axis < 0 ? axis + dims.length : axis;
      const clamp = (n: number) => Math.min(Math.max(n < 0 ? n + x!.dims[at]! : n, 0), x!.dims[at]!);
      from[at] = clamp(starts!.data[i]!);
      dims[at] = Math.max(0, clamp(ends!.data[i]!) - from[at]!);
    });
    const result = empty(dims);
    const strides = stridesOf(x!.dims);
    eachIndex(dims, (index, position) => {
      result.data[position] = x!.data[index.reduce((sum, n, i) => sum + (n + from[i]!) * strides[i]!, 0)]!;
    });
    return [result];
  },
  Split: ([x], { axis, num_outputs }) => {
    const { outer, size, inner } = around(x!.dims, axis);
    const at = axis < 0 ? axis + x!.dims.length : axis;
    const width = (size / num_outputs) * inner;
    return Array.from({ length: num_outputs }, (_, part) => {
      const result = empty(x!.dims.map((dim, i) => (i === at ? dim / num_outputs : dim)));
      for (let o = 0; o < outer; o++)
        result.data.set(x!.data.subarray(o * size * inner + part * width, o * size * inner + (part + 1) * width), o * width);
      return result;
    });
  },
  Pad: ([x, pads]) => {
    const rank = x!.dims.length;
    const result = empty(x!.dims.map((size, i) => size + pads!.data[i]! + pads!.data[i + rank]!));
    const strides = stridesOf(x!.dims);
    eachIndex(result.dims, (index, position) => {
      const from = index.map((n, i) => n - pads!.data[i]!);
      if (from.every((n, i) => n >= 0 && n < x!.dims[i]!))
        result.data[position] = x!.data[from.reduce((sum, n, i) => sum + n * strides[i]!, 0)]!;
    });
    return [result];
  },
};

const axesOf = (axes: Numbers, rank: number): ReadonlySet<number> =>
  new Set(Array.from(axes.data, (axis) => (axis < 0 ? axis + rank : axis)));
