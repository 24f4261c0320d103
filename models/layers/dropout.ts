import type { Value } from '../graph/graph.js';
import { mul } from '../graph/ops/elementwise.js';
import type { Scope } from './scope.js';

/**
 * In training, `x` with a share `rate` of its elements set to 0 and the others divided by `1 - rate`; otherwise `x` itself. The mask is an
 * input of the graph, so that it depends on (seed, step, site) alone and every engine sees the same one.
 *
 *     x, returns  [...]
 */
export const dropout = (scope: Scope, x: Value, rate: number): Value =>
  scope.training && rate > 0 ? mul(scope.graph, x, scope.mask(x.shape, rate)) : x;
