/** @file The same elements in another shape, order or part. */
import { UsageError } from '../../errors.js';
import type { TensorType } from '../../runtime/session.js';
import type { GraphBuilder } from '../builder.js';
import type { Dim, Shape, Value } from '../graph.js';

export const transpose = (g: GraphBuilder, x: Value, perm: readonly number[]): Value => g.add('Transpose', [x], { perm })[0]!;

/** The shape of `x` as an int64 tensor, known only when the graph runs. */
export const shapeOf = (g: GraphBuilder, x: Value): Value => g.add('Shape', [x], {})[0]!;

/**
 * The same elements in the shape `target`, whose named dims must be dims of `x`. At most one named dim may stand at another place than in
 * `x`, or be a product such as `batch*tokens`.
 */
export function reshape(g: GraphBuilder, x: Value, target: Shape): Value {
  if (x.shape.join() === target.join()) return x;
  let open = 0;
  const sizes = target.map((dim, i): number => {
    if (typeof dim === 'number') return dim;
    if (dim === x.shape[i]) return 0;
    open += 1;
    return -1;
  });
  if (open > 1) {
    throw new UsageError(
      'graph/shape',
      `reshape: [${x.shape}] to [${target}] moves more than one named dim`,
      'reshape in two steps, or use reshapeLike.',
    );
  }
  const y = g.add('Reshape', [x, g.constant(sizes, 'int64')], {})[0]!;
  if (y.shape.join() !== target.join()) {
    throw new UsageError(
      'graph/shape',
      `reshape: [${x.shape}] gives [${y.shape}], not [${target}] (node ${y.name})`,
      'name only dims of the given shape, products in its order.',
    );
  }
  return y;
}

/** The elements of `x` in the shape of `like`; free of Shape nodes where the sizes allow. */
export function reshapeLike(g: GraphBuilder, x: Value, like: Value): Value {
  const moved = like.shape.filter((dim, i) => typeof dim === 'string' && dim !== x.shape[i]);
  if (moved.length <= 1) return reshape(g, x, like.shape);
  return g.add('Reshape', [x, shapeOf(g, like)], {})[0]!;
}

export const unsqueeze = (g: GraphBuilder, x: Value, axes: readonly number[]): Value =>
  g.add('Unsqueeze', [x, g.constant(axes, 'int64')], {})[0]!;
export const squeeze = (g: GraphBuilder, x: Value, axes: readonly number[]): Value =>
  g.add('Squeeze', [x, g.constant(axes, 'int64')], {})[0]!;

/** `x` repeated along its dims of size 1 to the shape of `like`. */
export const expandLike = (g: GraphBuilder, x: Value, like: Value): Value =>
  x.shape.join() === like.shape.join() ? x : g.add('Expand', [x, shapeOf(g, like)], {})[0]!;

/** A tensor of the shape of `like`, filled with one number. */
export const fillLike = (g: GraphBuilder, like: Value, value: number, type: TensorType = like.type): Value =>
  like.shape.every((dim): dim is number => typeof dim === 'number') && like.shape.length === 0
    ? g.constant(value, type)
    : g.add('ConstantOfShape', [shapeOf(g, like)], { value, type })[0]!;

export const concat = (g: GraphBuilder, xs: readonly Value[], axis: number): Value =>
  xs.length === 1 ? xs[0]! : g.add('Concat', xs, { axis })[0]!;

/** `x` from `start` up to, not including, `end` along `axis`. */
export const slice = (g: GraphBuilder, x: Value, { axis, start, end }: { axis: number; start: number; end: number }): Value =>
  g.add('Slice', [x, g.constant([start], 'int64'), g.constant([end], 'int64'), g.constant([axis], 'int64')], {})[0]!;

/** `x` cut into equal parts along `axis`. */
export const split = (g: GraphBuilder, x: Value, { axis, parts }: { axis: number; parts: number }): readonly Value[] =>
  parts === 1 ? [x] : g.add('Split', [x], { axis, num_outputs: parts });

/** `x` with zeros before and after it along some axes: `{ 1: [0, 9] }` adds nine after dim 1. A negative number takes elements away. */
export function pad(g: GraphBuilder, x: Value, by: Readonly<Record<number, readonly [before: number, after: number]>>): Value {
  const pads = [0, 1].flatMap((side) => x.shape.map((_, axis) => by[axis]?.[side] ?? 0));
  return g.add('Pad', [x, g.constant(pads, 'int64')], { mode: 'constant' })[0]!;
}

/** The first entries of `x` along its first axis, as many as `size` holds: a one-element shape tensor such as a part of `shapeOf(y)`. */
export const take = (g: GraphBuilder, x: Value, size: Value): Value =>
  g.add('Slice', [x, g.constant([0], 'int64'), size, g.constant([0], 'int64')], {})[0]!;

/** The product of dims: a number where all are known, else a name such as `batch*tokens`. */
export function product(dims: Shape): Dim {
  const names = dims.filter((dim) => typeof dim === 'string');
  const size = dims.reduce<number>((n, dim) => (typeof dim === 'number' ? n * dim : n), 1);
  return names.length === 0 ? size : [...names, ...(size === 1 ? [] : [size])].join('*');
}
