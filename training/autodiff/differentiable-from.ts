import type { GraphBuilder, Value } from '../../models/index.js';

/** Names of the values that the backward pass of `loss` can come to: all that it depends on, but for what lies behind a `stopGradient`. */
export function differentiableFrom(g: GraphBuilder, loss: Value): ReadonlySet<string> {
  const names = new Set([loss.name]);
  for (const { op, attributes, inputs, outputs } of g.graph([loss]).nodes.toReversed()) {
    if (!outputs.some(({ name }) => names.has(name)) || (op === 'Identity' && attributes.stopsGradient)) continue;
    for (const { name } of inputs) names.add(name);
  }
  return names;
}
