import {
  add,
  fillLike,
  type GraphBuilder,
  invariant,
  type Node,
  type OpType,
  reduceSum,
  reshapeLike,
  UsageError,
  type Value,
} from '../../models/index.js';
import { held, recomputing } from './recompute.js';
import type { GradientRule } from './rule.js';
import { gradientRules } from './rules.js';

/**
 * Appends the backward pass of `loss` to `g` and returns the gradient of each value in `wrt`, in order: d loss / d value, of its shape.
 * Nothing is written for parts that `wrt` does not reach, so the layers below the lowest of them cost nothing.
 *
 *     loss     []   one number
 *     wrt      any values that `loss` depends on
 */
export function differentiate(
  g: GraphBuilder,
  loss: Value,
  wrt: readonly Value[],
  { recompute = false }: DifferentiateOptions = {},
): readonly Value[] {
  if (loss.shape.length > 0)
    throw new UsageError(
      'graph/shape',
      `differentiate: ${loss.name} is [${loss.shape}], not one number`,
      'reduce it with reduceMean or reduceSum.',
    );
  const nodes = [...g.nodes];
  const reached = reachedFrom(nodes, wrt);
  const gradients = new Map<string, Value>([[loss.name, g.constant(1, loss.type)]]);
  const reading = recompute ? recomputing(g, nodes) : held;

  for (const node of nodes.toReversed()) {
    const given = node.outputs.map(({ name }) => gradients.get(name));
    if (given.every((dy) => !dy) || !node.inputs.some(({ name }) => reached.has(name))) continue; // not on a path from wrt to the loss
    const at = g.at(`grad/${node.name.slice(0, Math.max(0, node.name.lastIndexOf('/')))}`);
    const rule = gradientRules[node.op] as GradientRule<OpType>;
    const [dy = fillLike(at, node.outputs[0]!, 0), ...rest] = given;
    const seen = reading(node, dy);
    const dxs = rule(at, seen as Node<OpType>, [dy, ...rest]);
    node.inputs.forEach((input, i) => {
      const dx = dxs[i];
      if (!dx || !reached.has(input.name)) return;
      const one = sumTo(at, dx, seen.inputs[i]!);
      const sum = gradients.get(input.name);
      gradients.set(input.name, sum ? add(at, sum, one) : one);
    });
  }
  return wrt.map(({ name }) => {
    const gradient = gradients.get(name);
    if (!gradient)
      throw new UsageError(
        'graph/name',
        `differentiate: ${loss.name} does not depend on ${name}, or only through what has no gradient`,
        `remove ${name} from wrt, or use it in the loss.`,
      );
    return gradient;
  });
}

export type DifferentiateOptions = {
  /** Whether the activations within a layer are computed anew for the backward pass, and not held for it. Default false. */
  readonly recompute?: boolean;
};

/** Names of the values that depend on one of `wrt`, these included. */
function reachedFrom(nodes: readonly Node[], wrt: readonly Value[]): ReadonlySet<string> {
  const reached = new Set(wrt.map(({ name }) => name));
  for (const { inputs, outputs } of nodes) {
    if (inputs.some(({ name }) => reached.has(name))) for (const { name } of outputs) reached.add(name);
  }
  return reached;
}

/** The gradient of a value that was broadcast: summed over the dims it was repeated along. */
function sumTo(g: GraphBuilder, dx: Value, x: Value): Value {
  if (dx.shape.join() === x.shape.join()) return dx;
  const extra = dx.shape.length - x.shape.length;
  const repeated = dx.shape.flatMap((dim, i) => (i < extra || (x.shape[i - extra] === 1 && dim !== 1) ? [i] : []));
  const summed = reduceSum(g, dx, { axes: repeated });
  const sum = reshapeLike(g, summed, x);
  invariant(sum.shape.join() === x.shape.join(), `autodiff: the gradient of ${x.name} [${x.shape}] has shape [${dx.shape}]`);
  return sum;
}
