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
 * `x - max - log Σ exp(x - max)` over the last dim.
 *
 *     logits, returns  [batch, labels]
 */
export function logSoftmax(g: GraphBuilder, logits: Value): Value {
  // What is taken away is added back by the logarithm: the gradient by it is zero.
  const shifted = sub(g, logits, stopGradient(g, reduceMax(g, logits, { axes: [-1], keepdims: true })));
  return sub(g, shifted, log(g, reduceSum(g, exp(g, shifted), { axes: [-1], keepdims: true })));
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
