import { z } from 'zod';
import {
  add,
  cast,
  div,
  type GraphBuilder,
  greater,
  mul,
  reduceMean,
  reduceSum,
  sqrt,
  sub,
  type Value,
  where,
} from '../../models/index.js';
import { meanSquaredError } from './mean-squared-error.js';
import type { Supervised } from './supervised.js';

export const mseCorrelationSchema = z.strictObject({
  kind: z.literal('mse-correlation'),
  /** Of the correlation, beside the squared error. */
  weight: z.number().min(0).default(1.5),
});

/** Spread below this share of the size is rounding: the values count as constant. */
const rounding = 1e-10;

/**
 * Mean squared error + weight · (1 - r), r being Pearson's correlation over the batch, the mean of it over several values. Where targets or
 * predictions do not vary r is 0, without a gradient.
 *
 *     logits, target  [batch, values]
 *     returns         []
 */
export function mseCorrelation(g: GraphBuilder, supervised: Supervised, { weight }: { readonly weight: number }): Value {
  const r = reduceMean(g, pearson(g, supervised), { axes: [0] });
  return add(g, meanSquaredError(g, supervised), mul(g, sub(g, 1, r), weight));
}

/** [values] */
function pearson(g: GraphBuilder, { logits, target }: Supervised): Value {
  const sum = (x: Value): Value => reduceSum(g, x, { axes: [0] });
  const parts = [logits, target].map((x) => {
    const centred = sub(g, x, reduceMean(g, x, { axes: [0], keepdims: true })); // [batch, values]
    const squares = sum(mul(g, centred, centred)); // [values]
    const varies = greater(g, squares, mul(g, sum(mul(g, x, x)), rounding));
    // The root of a number that is never 0, so that its gradient is one too.
    return { centred, varies: cast(g, varies, x.type), norm: sqrt(g, where(g, varies, squares, 1)) };
  });
  const [x, y] = parts as [(typeof parts)[0], (typeof parts)[0]];
  const covariance = sum(mul(g, x.centred, y.centred));
  const both = mul(g, x.varies, y.varies);
  return mul(g, both, div(g, covariance, mul(g, x.norm, y.norm)));
}
