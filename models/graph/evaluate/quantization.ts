import type { OpFamily } from '../graph.js';
import type { Evaluations, Numbers } from './evaluation.js';
import { matmul } from './matmul.js';
import { around } from './strides.js';

export const quantization: Evaluations<OpFamily['quantization']> = {
  QuantizeLinear: ([x, scale, zero], { axis }) => [
    each(x!, scale!, axis, (value, by, at) => Math.min(255, Math.max(0, halfToEven(value / by) + zero!.data[at]!))),
  ],
  DequantizeLinear: ([x, scale], { axis }) => [each(x!, scale!, axis, (value, by) => value * by)],
  MatMulInteger: ([a, b, zero]) => matmul.MatMul([{ dims: a!.dims, data: a!.data.map((value) => value - zero!.data[0]!) }, b!], {}),
};

/** `f` of each value, its scale, and the place of that scale. */
function each({ dims, data }: Numbers, scale: Numbers, axis: number, f: (value: number, by: number, at: number) => number): Numbers {
  const { size, inner } = scale.dims.length === 0 ? { size: 1, inner: 1 } : around(dims, axis);
  return {
    dims,
    data: data.map((value, i) => {
      const at = Math.floor(i / inner) % size;
      return f(value, scale.data[at]!, at);
    }),
  };
}

/** The nearest whole number; of two that are as near, the even one. */
export function halfToEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
}
