/** @file Several views of a text made one. */
import type { Value } from '../graph/graph.js';
import { add, mul, sigmoid } from '../graph/ops/elementwise.js';
import { linear } from './linear.js';
import type { Scope } from './scope.js';

/**
 * The sum of views, each times a gate of its own that is read off it: Σ σ(f·w + b) · f.
 *
 *     views              [batch, width] each
 *     0.weight, 0.bias   [1, width] and [1], one a view
 *     returns            [batch, width]
 */
export function learnedFusion(scope: Scope, views: readonly Value[]): Value {
  const g = scope.graph;
  return views
    .map((view, i) => {
      const inputs = Number(view.shape[1]);
      const gate = sigmoid(g, linear(scope.at(String(i)), view, { inputs, outputs: 1, deviation: 1 / Math.sqrt(3 * inputs) })); // [batch, 1]
      return mul(g, gate, view);
    })
    .reduce((sum, view) => add(g, sum, view));
}

/**
 * `share` of the first view and the rest of the second.
 *
 *     first, second, returns  [...]
 */
export const fixedFusion = ({ graph: g }: Scope, first: Value, second: Value, share: number): Value =>
  add(g, mul(g, first, share), mul(g, second, 1 - share));
