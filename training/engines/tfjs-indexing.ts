/** @file Reading and adding along one axis by an index for each element. TensorFlow.js has no op for it with a gradient; a product with a one-hot has. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tfjs } from './load-tfjs.js';

/** `result[i, j, k] = x[i, indices[i, j, k], k]` for the middle axis; `indices` may be shorter than `x` along the others. */
export function gatherAlong(tf: Tfjs, x: Tensor, indices: Tensor, axis: number): Tensor {
  const { toLast, from } = lastAxis(tf, x.rank, axis);
  const part = toLast(
    tf.slice(
      x,
      x.shape.map(() => 0),
      x.shape.map((size, i) => (i === from ? size : indices.shape[i]!)),
    ),
  ); // [..., size]
  const hot = oneHot(tf, toLast(indices), x.shape[from]!); // [..., indices, size]
  return toLast(tf.sum(tf.mul(hot, tf.expandDims(part, -2)), -1));
}

/** `x` with `updates` added, or put in place, at `[i, indices[i, j, k], k]` for the middle axis. Put in place, no element may be named twice. */
export function scatterAlong(tf: Tfjs, x: Tensor, indices: Tensor, updates: Tensor, { axis, add }: { axis: number; add: boolean }): Tensor {
  const { toLast, from } = lastAxis(tf, x.rank, axis);
  const hot = oneHot(tf, toLast(indices), x.shape[from]!); // [..., indices, size]
  const padded = (part: Tensor): Tensor =>
    tf.pad(
      part,
      x.shape.map((size, i): [number, number] => [0, size - part.shape[i]!]),
    );
  const sum = padded(toLast(tf.sum(tf.mul(hot, tf.expandDims(toLast(updates), -1)), -2)));
  if (add) return tf.add(x, sum);
  const named = padded(toLast(tf.sum(hot, -2)));
  return tf.add(tf.mul(x, tf.sub(1, named)), sum);
}

function oneHot(tf: Tfjs, indices: Tensor, size: number): Tensor {
  return tf.cast(tf.oneHot(fromStart(tf, indices, size), size), 'float32');
}

/** Indices below 0 count from the end; the result counts all from the start. */
export function fromStart(tf: Tfjs, indices: Tensor, size: number): Tensor {
  return tf.where(tf.less(indices, tf.scalar(0, 'int32')), tf.add(indices, tf.scalar(size, 'int32')), indices);
}

/** Exchanges `axis` and the last axis; doing it twice undoes it. */
function lastAxis(tf: Tfjs, rank: number, axis: number): { toLast: (x: Tensor) => Tensor; from: number } {
  const from = axis < 0 ? axis + rank : axis;
  const perm = Array.from({ length: rank }, (_, i) => (i === from ? rank - 1 : i === rank - 1 ? from : i));
  return { toLast: (x) => tf.transpose(x, perm), from };
}
