/** @file Training signal annealing (Xie et al. 2020): few labels beside many unlabelled texts are let in bit by bit, so that they are not learnt by heart. */
import { cast, type GraphBuilder, greater, mul, not, reduceSum, softmax, stopGradient, type Value } from '../../models/index.js';
import { type CrossEntropyOptions, crossEntropy } from './cross-entropy.js';
import type { Supervised } from './supervised.js';

export const tsaSchedules = ['linear', 'exp', 'log'] as const;
export type TsaSchedule = (typeof tsaSchedules)[number];

/** The way from 0 to 1, by how much of the run is done. */
const ways: { readonly [S in TsaSchedule]: (progress: number) => number } = {
  linear: (progress) => progress,
  exp: (progress) => Math.exp((progress - 1) * 5),
  log: (progress) => 1 - Math.exp(-progress * 5),
};

/**
 * The probability above which a labelled text is left out: from chance, 1/labels, to 1.
 *
 * @param progress 0 at the first step to 1 after the last
 */
export const tsaThreshold = (schedule: TsaSchedule, progress: number, labels: number): number =>
  ways[schedule](progress) * (1 - 1 / labels) + 1 / labels;

/**
 * The cross-entropy over texts whose label has a probability of at most `threshold`; 0 where there are none.
 *
 *     logits, target  [batch, labels]
 *     threshold       []
 *     returns         []
 */
export function tsaCrossEntropy(g: GraphBuilder, supervised: Supervised, threshold: Value, options: CrossEntropyOptions = {}): Value {
  const { logits, target } = supervised;
  const probability = reduceSum(g, mul(g, target, softmax(g, stopGradient(g, logits))), { axes: [1] }); // [batch]
  return crossEntropy(g, supervised, options, cast(g, not(g, greater(g, probability, threshold)), logits.type));
}
