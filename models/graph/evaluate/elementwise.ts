import type { TensorType } from '../../runtime/session.js';
import type { OpFamily, OpType } from '../graph.js';
import type { Evaluation, Evaluations, Numbers } from './evaluation.js';
import { half } from './half.js';
import { broadcastDims, broadcastPosition, eachIndex, empty, stridesOf } from './strides.js';

function zip(inputs: readonly Numbers[], f: (...xs: number[]) => number): readonly Numbers[] {
  const result = empty(broadcastDims(...inputs.map(({ dims }) => dims)));
  const strides = inputs.map(({ dims }) => stridesOf(dims));
  eachIndex(result.dims, (index, position) => {
    result.data[position] = f(...inputs.map(({ dims, data }, i) => data[broadcastPosition(index, dims, strides[i]!)]!));
  });
  return [result];
}

const each =
  (f: (...xs: number[]) => number): Evaluation<OpType> =>
  (inputs) =>
    zip(inputs, f);

export const elementwise: Evaluations<OpFamily['elementwise']> = {
  Add: each((a, b) => a! + b!),
  Sub: each((a, b) => a! - b!),
  Mul: each((a, b) => a! * b!),
  Div: each((a, b) => a! / b!),
  Max: each((a, b) => Math.max(a!, b!)),
  Equal: each((a, b) => Number(a === b)),
  Greater: each((a, b) => Number(a! > b!)),
  Not: each((a) => Number(!a)),
  Where: each((condition, a, b) => (condition ? a! : b!)),
  Neg: each((x) => -x!),
  Abs: each((x) => Math.abs(x!)),
  Exp: each((x) => Math.exp(x!)),
  Log: each((x) => Math.log(x!)),
  Sqrt: each((x) => Math.sqrt(x!)),
  Tanh: each((x) => Math.tanh(x!)),
  Erf: each((x) => erf(x!)),
  Sigmoid: each((x) => 1 / (1 + Math.exp(-x!))),
  Relu: each((x) => Math.max(0, x!)),
  Gelu: each((x) => 0.5 * x! * (1 + erf(x! * Math.SQRT1_2))),
  Identity: each((x) => x!),
  Cast: (inputs, { to }) => zip(inputs, (x) => casts[to](x!)),
};

const casts: { readonly [T in TensorType]: (x: number) => number } = {
  float32: (x) => x, // the reference computes in float64 throughout
  float64: (x) => x,
  float16: half,
  int64: Math.trunc,
  int32: Math.trunc,
  int8: Math.trunc,
  uint8: Math.trunc,
  bool: (x) => Number(x !== 0),
};

/** The error function to double precision: its series near 0, its continued fraction further out. */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum) && n < 200; n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 120; k > 0; k--) fraction = k / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
}
