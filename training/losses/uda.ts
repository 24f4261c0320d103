/** @file Unsupervised data augmentation (Xie et al. 2020): what a model says of an unlabelled text it should say of another wording of it. */
import { z } from 'zod';
import {
  cast,
  div,
  exp,
  type GraphBuilder,
  greater,
  mul,
  reduceMax,
  reduceSum,
  softmax,
  stopGradient,
  sub,
  type Value,
} from '../../models/index.js';
import { logSoftmax } from './log-probabilities.js';
import { rowMean } from './row-mean.js';
import { tsaSchedules } from './tsa.js';

export const udaSchema = z.strictObject({
  /** Of the consistency beside the supervised loss. */
  weight: z.number().positive().default(1),
  /** What is said of the original is sharpened by dividing its logits by this; 1 leaves it as it is. */
  temperature: z.number().positive().max(1).default(0.4),
  /** Originals whose most probable label is not above this do not count. */
  threshold: z.number().min(0).lt(1).default(0.8),
  /** Whether the threshold is held against the probabilities as they are, or as sharpened: with two labels and 0.4 a `sharpened` 0.8 is a `raw` 0.64. */
  maskOn: z.enum(['raw', 'sharpened']).default('raw'),
  /** Whether the sum over originals that count is divided by all of the batch or by those. */
  meanOver: z.enum(['batch', 'kept']).default('batch'),
  /** How training signal annealing lets labelled texts in that the model is already sure of. */
  annealing: z.enum(['none', ...tsaSchedules]).default('none'),
});
type UdaConfig = z.infer<typeof udaSchema>;
export type ConsistencyOptions = Pick<UdaConfig, 'temperature' | 'threshold' | 'maskOn' | 'meanOver'>;

/** Probabilities of logits divided by a temperature, [batch, labels] to [batch, labels]. */
export const sharpen = (g: GraphBuilder, logits: Value, temperature: number): Value => softmax(g, div(g, logits, temperature));

const confidences: { readonly [M in UdaConfig['maskOn']]: (g: GraphBuilder, logits: Value, temperature: number) => Value } = {
  raw: (g, logits) => sharpen(g, logits, 1),
  sharpened: sharpen,
};

const means: { readonly [M in UdaConfig['meanOver']]: (g: GraphBuilder, rows: Value, kept: Value) => Value } = {
  batch: (g, rows, kept) => rowMean(g, mul(g, rows, kept)),
  kept: rowMean,
};

/**
 * Σ over originals that count of KL(sharpened original ‖ augmented), over the batch or over those. No gradient goes into the original.
 *
 *     augmented, original  [batch, labels], logits of a softmax
 *     returns              []
 */
export function udaConsistency(
  g: GraphBuilder,
  { augmented, original }: { readonly augmented: Value; readonly original: Value },
  { temperature, threshold, maskOn, meanOver }: ConsistencyOptions,
): Value {
  const fixed = stopGradient(g, original);
  const wanted = logSoftmax(g, div(g, fixed, temperature)); // [batch, labels]
  const rows = reduceSum(g, mul(g, exp(g, wanted), sub(g, wanted, logSoftmax(g, augmented))), { axes: [1] }); // [batch]
  const confidence = reduceMax(g, confidences[maskOn](g, fixed, temperature), { axes: [1] }); // [batch]
  return means[meanOver](g, rows, cast(g, greater(g, confidence, threshold), rows.type));
}
