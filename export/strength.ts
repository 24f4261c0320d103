/** @file How strongly a model means a label, as part of a graph. */
import {
  add,
  div,
  exp,
  type GraphBuilder,
  log,
  type Manifest,
  mul,
  reduceMax,
  reduceSum,
  squeeze,
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
  const others = sub(g, scaled, mul(g, label, 10_000)); // the label itself is out of the way: its exponential is 0
  const top = stopGradient(g, reduceMax(g, others, { axes: [1], keepdims: true })); // [batch, 1]; no exponential overflows, not all of them vanish
  const rest = log(g, reduceSum(g, exp(g, sub(g, others, top)), { axes: [1] })); // [batch]
  return sub(g, own(scaled), add(g, rest, squeeze(g, top, [1])));
}
