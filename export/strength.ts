/** @file How strongly a model means a label, as part of a graph. */
import {
  div,
  exp,
  type GraphBuilder,
  log,
  type Manifest,
  mul,
  reduceMax,
  reduceSum,
  stopGradient,
  sub,
  type Value,
} from '../models/index.js';

/**
 * The log-odds of a label, or the value itself where there are no odds: [batch].
 *
 * @param logits [batch, labels]
 * @param label [batch, labels]: 1 at the label, else 0
 */
export function strength(
  g: GraphBuilder,
  logits: Value,
  label: Value,
  { activation, temperature }: { readonly activation: Manifest['activation']; readonly temperature: number },
): Value {
  const scaled = activation === 'none' || temperature === 1 ? logits : div(g, logits, g.constant(temperature, logits.type));
  const own = (x: Value): Value => reduceSum(g, mul(g, x, label), { axes: [1] });
  if (activation !== 'softmax') return own(scaled);
  const shifted = sub(g, scaled, stopGradient(g, reduceMax(g, scaled, { axes: [1], keepdims: true }))); // no exponential overflows
  const others = mul(g, exp(g, shifted), sub(g, g.constant(1, logits.type), label));
  return sub(g, own(shifted), log(g, reduceSum(g, others, { axes: [1] })));
}
