/** @file Every op in TensorFlow.js's own: what its autodiff then differentiates. The type is total: an op without a line here does not compile. */

import type { Tensor } from '@tensorflow/tfjs-core';
import type { OpType } from '../../models/index.js';
import type { Tfjs } from './load-tfjs.js';
import { fromStart, gatherAlong, scatterAlong } from './tfjs-indexing.js';
import { tfjsTypes } from './tfjs-nodes.js';
import type { TfjsOp, TfjsOps } from './tfjs-op.js';
import { recurrent } from './tfjs-recurrent.js';

const one =
  (f: (tf: Tfjs, ...inputs: Tensor[]) => Tensor): TfjsOp<OpType> =>
  (tf, inputs) => [f(tf, ...inputs)];

const reduction =
  (name: 'sum' | 'mean' | 'max'): TfjsOp<'ReduceSum' | 'ReduceMean' | 'ReduceMax'> =>
  (tf, [x, axes], { keepdims }) => [tf[name](x!, axesOf(axes!, x!.rank), keepdims)];

export const tfjsOps: TfjsOps = {
  Add: one((tf, a, b) => tf.add(a, b)),
  Sub: one((tf, a, b) => tf.sub(a, b)),
  Mul: one((tf, a, b) => tf.mul(a, b)),
  Div: one((tf, a, b) => tf.div(a, b)),
  Max: one((tf, a, b) => {
    const shape = broadcast(a.shape, b.shape); // its gradient does not sum over what was broadcast
    return tf.maximum(tf.broadcastTo(a, shape), tf.broadcastTo(b, shape));
  }),
  Equal: withoutGradient((tf, a, b) => tf.equal(a!, b!)),
  Greater: withoutGradient((tf, a, b) => tf.greater(a!, b!)),
  Not: withoutGradient((tf, x) => tf.logicalNot(x!)),
  Where: one((tf, condition, a, b) => tf.where(condition, a, b)),
  Neg: one((tf, x) => tf.neg(x)),
  Abs: one((tf, x) => tf.abs(x)),
  Exp: one((tf, x) => tf.exp(x)),
  Log: one((tf, x) => tf.log(x)),
  Sqrt: one((tf, x) => tf.sqrt(x)),
  Tanh: one((tf, x) => tf.tanh(x)),
  Erf: one((tf, x) => tf.erf(x)),
  Sigmoid: one((tf, x) => tf.sigmoid(x)),
  Relu: one((tf, x) => tf.relu(x)),
  Gelu: one((tf, x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))), // x·Φ(x)
  Identity: (tf, inputs, attributes) =>
    attributes.stopsGradient ? withoutGradient((_tf, x) => x!.clone())(tf, inputs, attributes) : [tf.clone(inputs[0]!)],
  Cast: (tf, [x], { to }) => [tf.cast(x!, tfjsTypes[to])],
  MatMul: one(matMul),
  Gemm: (tf, [a, b], { transA, transB }) => [tf.matMul(a!, b!, transA, transB)],
  QuantizeLinear: (tf, [x, scale, zero], { axis }) => {
    const shifted = tf.add(tf.round(tf.div(x!, alongAxis(tf, x!, scale!, axis))), alongAxis(tf, x!, zero!, axis));
    return [tf.cast(tf.clipByValue(shifted, 0, 255), 'int32')];
  },
  DequantizeLinear: (tf, [x, scale], { axis }) => [tf.mul(tf.cast(x!, 'float32'), alongAxis(tf, x!, scale!, axis))],
  MatMulInteger: one((tf, a, b, zero) => matMul(tf, tf.cast(tf.sub(a, zero), 'float32'), tf.cast(b, 'float32'))), // exact up to 2²⁴
  Transpose: (tf, [x], { perm }) => [tf.transpose(x!, [...perm])],
  Reshape: (tf, [x, shape]) => [
    tf.reshape(
      x!,
      numbersIn(shape!).map((size, i) => (size === 0 ? x!.shape[i]! : size)),
    ),
  ],
  Unsqueeze: (tf, [x, axes]) => {
    const rank = x!.rank + axes!.size;
    const added = axesOf(axes!, rank);
    const rest = [...x!.shape];
    return [
      tf.reshape(
        x!,
        Array.from({ length: rank }, (_, i) => (added.includes(i) ? 1 : rest.shift()!)),
      ),
    ];
  },
  Squeeze: (tf, [x, axes]) => {
    const removed = axesOf(axes!, x!.rank);
    return [
      tf.reshape(
        x!,
        x!.shape.filter((_, i) => !removed.includes(i)),
      ),
    ];
  },
  Expand: (tf, [x, shape]) => [tf.broadcastTo(x!, broadcast(x!.shape, numbersIn(shape!)))],
  Shape: (tf, [x]) => [tf.tensor1d(x!.shape, 'int32')],
  ConstantOfShape: (tf, [shape], { value, type }) => [tf.fill(numbersIn(shape!), value, tfjsTypes[type] as 'float32')],
  Concat: (tf, inputs, { axis }) => [tf.concat([...inputs], axis)],
  Slice: (tf, [x, starts, ends, axes]) => {
    const begin = x!.shape.map(() => 0);
    const size = [...x!.shape];
    axesOf(axes!, x!.rank).forEach((axis, i) => {
      const length = x!.shape[axis]!;
      const clamp = (n: number): number => Math.min(Math.max(n < 0 ? n + length : n, 0), length);
      begin[axis] = clamp(numbersIn(starts!)[i]!);
      size[axis] = Math.max(0, clamp(numbersIn(ends!)[i]!) - begin[axis]!);
    });
    return [tf.slice(x!, begin, size)];
  },
  Split: (tf, [x], { axis, num_outputs }) => tf.split(x!, num_outputs, axis),
  Pad: (tf, [x, pads]) => {
    const counts = numbersIn(pads!);
    const [before, after] = [counts.slice(0, x!.rank), counts.slice(x!.rank)];
    const begin = before.map((n) => Math.max(0, -n));
    const rest = x!.shape.map((size, i) => size - begin[i]! - Math.max(0, -after[i]!));
    return [
      tf.pad(
        tf.slice(x!, begin, rest),
        before.map((n, i): [number, number] => [Math.max(0, n), Math.max(0, after[i]!)]),
      ),
    ];
  },
  Gather: (tf, [x, indices], { axis }) => {
    const at = axis < 0 ? axis + x!.rank : axis;
    return [tf.gather(x!, fromStart(tf, indices!, x!.shape[at]!), at)];
  },
  GatherElements: (tf, [x, indices], { axis }) => [gatherAlong(tf, x!, indices!, axis)],
  ScatterElements: (tf, [x, indices, updates], { axis, reduction: how }) => [
    scatterAlong(tf, x!, indices!, updates!, { axis, add: how === 'add' }),
  ],
  ReduceSum: reduction('sum'),
  ReduceMean: reduction('mean'),
  ReduceMax: reduction('max'),
  Softmax: (tf, [x], { axis }) => {
    const at = axis < 0 ? axis + x!.rank : axis;
    if (at === x!.rank - 1) return [tf.softmax(x!)];
    const perm = x!.shape.map((_, i) => (i === at ? x!.rank - 1 : i === x!.rank - 1 ? at : i)); // its own inverse
    return [tf.transpose(tf.softmax(tf.transpose(x!, perm)), perm)];
  },
  LayerNormalization: (tf, [x, scale, bias], { axis, epsilon }) => {
    const from = axis < 0 ? axis + x!.rank : axis;
    const axes = x!.shape.map((_, i) => i).filter((i) => i >= from);
    const mean = tf.mean(x!, axes, true);
    const centred = tf.sub(x!, mean);
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes, true), epsilon));
    return [tf.add(tf.mul(tf.mul(centred, inverse), scale!), bias!), mean, inverse];
  },
  ...recurrent(() => tfjsOps),
};

/** Truth values do not change with small changes of the input; TensorFlow.js has no gradient for them and would stop at one. */
function withoutGradient(f: (tf: Tfjs, ...inputs: Tensor[]) => Tensor): TfjsOp<OpType> {
  return (tf, inputs) => {
    const op = tf.customGrad((...given) => ({
      value: f(tf, ...(given.slice(0, inputs.length) as Tensor[])),
      gradFunc: () => inputs.map((x) => tf.zeros(x.shape)),
    }));
    return [op(...inputs)];
  };
}

/** `tf.matMul` broadcasts stacks of matrices, but its gradient does not sum over what was broadcast: so that is done before. */
function matMul(tf: Tfjs, a: Tensor, b: Tensor): Tensor {
  if (a.rank > 2 && b.rank === 2) {
    const rows = tf.reshape(a, [-1, a.shape.at(-1)!]);
    return tf.reshape(tf.matMul(rows, b), [...a.shape.slice(0, -1), b.shape[1]!]);
  }
  const stack = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const spread = (x: Tensor): Tensor => tf.broadcastTo(x, [...stack, ...x.shape.slice(-2)]);
  return tf.matMul(spread(a), spread(b));
}

/** One value for each entry of an axis, in a shape that broadcasts to `x`; a scalar as it is. */
const alongAxis = (tf: Tfjs, x: Tensor, values: Tensor, axis: number): Tensor =>
  values.rank === 0
    ? values
    : tf.reshape(
        values,
        x.shape.map((_, i) => (i === (axis < 0 ? axis + x.rank : axis) ? -1 : 1)),
      );

/** What a small tensor of sizes or axes holds. Graphs compute those from shapes, so reading them back waits for no large work. */
const numbersIn = (x: Tensor): number[] => Array.from(x.dataSync());

const axesOf = (axes: Tensor, rank: number): number[] => numbersIn(axes).map((axis) => (axis < 0 ? axis + rank : axis));

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => Math.max(a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1));
}
