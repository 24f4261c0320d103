/** @file Sizes that are known only when a function runs. XLA finds them when it compiles, for it compiles for one shape. */
import { type Dim, invariant, type Shape } from '../../../models/index.js';
import { attribute } from './attributes.js';
import type { FunctionWriter, Operand } from './function-writer.js';

/** A value and its shape in words. */
export type Shaped = readonly [operand: Operand, shape: Shape];

export const shapeOf = (w: FunctionWriter, x: Operand): Operand =>
  w.add('Shape', [x], { attributes: { out_type: attribute.type('int32') }, type: 'int64' });

/** One size of `x`: []. */
export const sizeAt = (w: FunctionWriter, x: Operand, axis: number): Operand => entryAt(w, shapeOf(w, x), axis);

/** One entry of a vector: []. */
export const entryAt = (w: FunctionWriter, vector: Operand, at: number): Operand =>
  w.add('StridedSlice', [vector, w.constant([at]), w.constant([at + 1]), w.constant([1])], {
    attributes: { shrink_axis_mask: attribute.int(1) },
  });

export const vectorOf = (w: FunctionWriter, entries: readonly Operand[]): Operand =>
  entries.length === 0 ? w.constant([]) : w.add('Pack', entries);

/** `target` as a vector: named dims are looked up in `sources`. Where `open`, one that is found nowhere is left for the operator to find (-1). */
export function sizesOf(w: FunctionWriter, target: Shape, sources: readonly Shaped[], { open = false } = {}): Operand {
  const named = target.filter((dim) => typeof dim === 'string');
  if (named.length === 0 || (open && named.length === 1)) return w.constant(target.map((dim) => (typeof dim === 'number' ? dim : -1)));
  let left = open ? 1 : 0;
  return vectorOf(
    w,
    target.map((dim) => {
      const size = typeof dim === 'number' ? w.constant(dim) : namedSize(w, dim, sources);
      if (size) return size;
      left -= 1;
      invariant(left === 0, `tensorflow: no value tells the size ${dim} of [${target}]`);
      return w.constant(-1);
    }),
  );
}

/** `[...]` as a reshape of `x`. */
export const reshapeTo = (w: FunctionWriter, x: Operand, target: Shape, sources: readonly Shaped[]): Operand =>
  w.add('Reshape', [x, sizesOf(w, target, sources, { open: true })]);

function namedSize(w: FunctionWriter, dim: Dim, sources: readonly Shaped[]): Operand | undefined {
  for (const [operand, shape] of sources) {
    const axis = shape.indexOf(dim);
    if (axis >= 0) return sizeAt(w, operand, axis);
  }
  return undefined;
}

/** The first `count` entries of a vector. */
export const slicedVector = (w: FunctionWriter, vector: Operand, count: number): Operand =>
  w.add('StridedSlice', [vector, w.constant([0]), w.constant([count]), w.constant([1])]);
