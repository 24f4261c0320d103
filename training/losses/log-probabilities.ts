/** @file Logarithms of probabilities from logits, finite whatever the logits. Written out: WebGPU has no LogSoftmax and no Softplus. */
import {
  abs,
  add,
  exp,
  type GraphBuilder,
  log,
  max,
  neg,
  reduceMax,
  reduceSum,
  stopGradient,
  sub,
  type Value,
} from '../../models/index.js';

/**
 * `x - log Σ exp(x)` over the last dim.
 *
 *     logits, returns  [batch, labels]
 */
export const logSoftmax = (g: GraphBuilder, logits: Value): Value => sub(g, logits, logSumExp(g, logits));

/**
 * `max + log Σ exp(x - max)` over the last dim.
 *
 *     x        [batch, n]
 *     returns  [batch, 1]
 */
export function logSumExp(g: GraphBuilder, x: Value): Value {
  // What is taken away is added again, so the gradient by it is zero.
  const top = stopGradient(g, reduceMax(g, x, { axes: [-1], keepdims: true }));
  return add(g, log(g, reduceSum(g, exp(g, sub(g, x, top)), { axes: [-1], keepdims: true })), top);
}

/**
 * The two ways of each logit: `yes` is log sigmoid(x), `no` is log(1 - sigmoid(x)), as `-max(∓x, 0) - log(1 + exp(-|x|))`.
 *
 *     x, yes, no  [...]
 */
export function logSigmoids(g: GraphBuilder, x: Value): { readonly yes: Value; readonly no: Value } {
  const tail = log(g, add(g, exp(g, neg(g, abs(g, x))), 1));
  return { yes: neg(g, add(g, max(g, neg(g, x), 0), tail)), no: neg(g, add(g, max(g, x, 0), tail)) };
}
