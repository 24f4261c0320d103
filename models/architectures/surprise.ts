import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { add, cast, equal, exp, log, stopGradient, sub } from '../graph/ops/elementwise.js';
import { gatherElements } from '../graph/ops/indexing.js';
import { squeeze, unsqueeze } from '../graph/ops/layout.js';
import { reduceMax, reduceSum } from '../graph/ops/reduction.js';

/**
 * How much a model that gave `logits` is surprised by what came: -log softmax(logits)[came].
 *
 *     logits   [..., vocabulary]
 *     came     [...] int64 ids
 *     returns  surprise [...], and hit [...]: 1 where no other token was held likelier, else 0
 */
export function surpriseAt(g: GraphBuilder, logits: Value, came: Value): { readonly surprise: Value; readonly hit: Value } {
  const last = logits.shape.length - 1;
  const over = { axes: [last], keepdims: true };
  // Whatever is taken away before exp comes back after log, so that no gradient goes through it.
  const top = stopGradient(g, reduceMax(g, logits, over)); // [..., 1]
  const total = log(g, reduceSum(g, exp(g, sub(g, logits, top)), over)); // [..., 1]
  // The one logit is picked out: a one-hot target would be as large as the logits.
  const given = gatherElements(g, logits, unsqueeze(g, came, [last]), last); // [..., 1]
  return {
    surprise: squeeze(g, sub(g, add(g, top, total), given), [last]),
    hit: squeeze(g, cast(g, equal(g, given, top), g.float), [last]),
  };
}
