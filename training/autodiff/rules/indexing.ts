import {
  type Dim,
  expandLike,
  fillLike,
  type GraphBuilder,
  gather,
  gatherElements,
  numbersOf,
  type OpFamily,
  product,
  reshape,
  scatterAdd,
  transpose,
  type Value,
} from '../../../models/index.js';
import { type GradientRules, notDifferentiable } from '../rule.js';

export const indexing: GradientRules<OpFamily['indexing']> = {
  // dx[indices] += dy. ScatterElements adds duplicates one after another, so the sum is the same at each run; ScatterND is not used: its
  // CPU kernel loses updates when two threads meet on one row.
  Gather: (g, { inputs: [x, indices], attributes: { axis } }, [dy]) => {
    const at = axis < 0 ? axis + x!.shape.length : axis;
    const order = reordering(indices!, x!.shape[at]!);
    if (!order) return [scatterRows(g, x!, indices!, dy, at), undefined];
    const back = order.map((_, i) => order.indexOf(i));
    return [gather(g, dy, g.constant(back, 'int64'), at), undefined];
  },
  GatherElements: (g, { inputs: [x, indices], attributes: { axis } }, [dy]) => [
    scatterAdd(g, fillLike(g, x!, 0), indices!, dy, axis),
    undefined,
  ],
  ScatterElements: (g, node, dys) => {
    const { inputs, attributes } = node;
    if (attributes.reduction !== 'add') return notDifferentiable('it overwrites')(g, node, dys);
    return [dys[0], undefined, gatherElements(g, dys[0], inputs[1]!, attributes.axis)];
  },
};

/** The indices where they name each of `size` entries once: those are only put in another order, and can be put back. */
function reordering({ constant, shape }: Value, size: Dim): readonly number[] | undefined {
  const order = constant && shape.length === 1 ? numbersOf(constant) : [];
  return order.length === size && new Set(order).size === size && order.every((n) => n >= 0 && n < size) ? order : undefined;
}

/** Zeros of the shape of `x` with the slices of `dy` added at `indices` along `axis`. */
function scatterRows(g: GraphBuilder, x: Value, indices: Value, dy: Value, axis: number): Value {
  const before = Array.from({ length: axis }, (_, i) => i);
  const middle = indices.shape.map((_, i) => axis + i);
  const after = Array.from({ length: x.shape.length - axis - 1 }, (_, i) => axis + indices.shape.length + i);
  const first = transpose(g, dy, [...middle, ...before, ...after]); // [...indices, ...before, ...after]
  const count: Dim = product(indices.shape);
  const flat = reshape(g, first, [count, ...first.shape.slice(indices.shape.length)]); // [count, ...before, ...after]
  const rest = x.shape.filter((_, i) => i !== axis);
  const places = expandLike(g, reshape(g, indices, [count, ...rest.map(() => 1)]), flat);
  const forward = [axis, ...before, ...Array.from({ length: x.shape.length - axis - 1 }, (_, i) => axis + 1 + i)];
  const zeros = fillLike(g, x, 0);
  const sum = scatterAdd(g, transpose(g, zeros, forward), places, flat, 0); // [axis, ...before, ...after]
  return transpose(
    g,
    sum,
    forward.map((_, i) => forward.indexOf(i)),
  );
}
