import type { OpFamily } from '../graph.js';
import { sizeOf } from '../tensor.js';
import type { Evaluations } from './evaluation.js';
import { around, empty } from './strides.js';

export const normalization: Evaluations<OpFamily['normalization']> = {
  Softmax: ([x], { axis }) => {
    const { outer, size, inner } = around(x!.dims, axis);
    const y = empty(x!.dims);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const places = Array.from({ length: size }, (_, k) => (o * size + k) * inner + i);
        const top = Math.max(...places.map((at) => x!.data[at]!));
        const sum = places.reduce((total, at) => total + Math.exp(x!.data[at]! - top), 0);
        for (const at of places) y.data[at] = Math.exp(x!.data[at]! - top) / sum;
      }
    }
    return [y];
  },
  LayerNormalization: ([x, scale, bias], { axis, epsilon }) => {
    const at = axis < 0 ? axis + x!.dims.length : axis;
    const width = sizeOf(x!.dims.slice(at));
    const [y, mean, invStd] = [empty(x!.dims), ...[0, 1].map(() => empty(x!.dims.map((size, i) => (i < at ? size : 1))))] as const;
    for (let row = 0; row < mean!.data.length; row++) {
      const part = x!.data.subarray(row * width, (row + 1) * width);
      const average = part.reduce((a, b) => a + b, 0) / width;
      const variance = part.reduce((sum, v) => sum + (v - average) ** 2, 0) / width;
      mean!.data[row] = average;
      invStd!.data[row] = 1 / Math.sqrt(variance + epsilon);
      for (let k = 0; k < width; k++)
        y.data[row * width + k] = (part[k]! - average) * invStd!.data[row]! * scale!.data[k]! + bias!.data[k]!;
    }
    return [y, mean!, invStd!];
  },
};
