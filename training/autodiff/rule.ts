/** @file What a gradient rule is: given a node and the gradients of its outputs, add nodes that give the gradient of each input. */
import type { GraphBuilder, Node, OpType, Value } from '../../models/index.js';

/**
 * `dys` holds one entry an output: zeros for the first and undefined for others that nothing depends on. The answer holds one entry an input, undefined where it has no
 * gradient. An answer may still have the broadcast shape of the output: `differentiate` sums it to the shape of the input.
 */
export type GradientRule<K extends OpType> = (
  g: GraphBuilder,
  node: Node<K>,
  dys: readonly [dy: Value, ...rest: (Value | undefined)[]],
) => readonly (Value | undefined)[];
export type GradientRules<K extends OpType = OpType> = { readonly [T in K]: GradientRule<T> };

/** For ops whose output is not a smooth function of its inputs. */
export const notDifferentiable =
  (reason: string): GradientRule<OpType> =>
  (_g, { op, name }) => {
    throw new Error(`internal: autodiff: ${op} (${name}) has no gradient: ${reason}.`);
  };
