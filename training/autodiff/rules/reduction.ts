import {
  cast,
  div,
  equal,
  expandLike,
  fillLike,
  type GraphBuilder,
  mul,
  type Node,
  numbersOf,
  type OpFamily,
  reduceSum,
  unsqueeze,
  type Value,
} from '../../../models/index.js';
import type { GradientRules } from '../rule.js';

type Reduction = OpFamily['reduction'];

export const reduction: GradientRules<OpFamily['reduction']> = {
  ReduceSum: (g, node, [dy]) => [expandLike(g, kept(g, node, dy), node.inputs[0]!), undefined],
  ReduceMean: (g, node, [dy]) => {
    const x = node.inputs[0]!;
    const count = axesOf(node).map((axis) => x.shape[axis]!);
    const known = count.every((size) => typeof size === 'number');
    // The number of elements averaged: known, or counted when the graph runs.
    const n = known ? count.reduce((a, b) => a * b, 1) : reduceSum(g, fillLike(g, x, 1), { axes: axesOf(node), keepdims: true });
    return [expandLike(g, div(g, kept(g, node, dy), n), x), undefined];
  },
  ReduceMax: (g, node, [dy]) => {
    const x = node.inputs[0]!;
    const top = cast(g, equal(g, x, kept(g, node, node.outputs[0]!)), dy.type); // 1 where x is the largest; a tie shares dy
    const ties = reduceSum(g, top, { axes: axesOf(node), keepdims: true });
    return [mul(g, top, div(g, kept(g, node, dy), ties)), undefined];
  },
};

const axesOf = ({ inputs: [x, axes] }: Node<Reduction>): readonly number[] =>
  numbersOf(axes!.constant!).map((axis) => (axis < 0 ? axis + x!.shape.length : axis));

/** A value of the reduced shape, with the reduced dims put back as 1. */
const kept = (g: GraphBuilder, node: Node<Reduction>, y: Value): Value =>
  node.attributes.keepdims
    ? y
    : unsqueeze(
        g,
        y,
        [...axesOf(node)].sort((a, b) => a - b),
      );
