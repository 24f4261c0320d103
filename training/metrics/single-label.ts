/** @file How good answers are where a text has one label. */
import { activate } from '../../models/index.js';
import { labelOf } from '../data/example.js';
import { calibrationError } from './calibration.js';
import { confusionMatrix, countsIn, indexOfLargest, type LabelMetrics, labelMetrics, macroAverages, mean } from './confusion.js';
import { logLoss, type Rows } from './log-loss.js';
import type { MetricsInput } from './metrics-input.js';
import { partialRocAuc, rocAuc, spaucRate } from './ranking.js';

export type SingleLabelMetrics = {
  readonly task: 'single-label';
  readonly examples: number;
  /** Mean F1 over the labels that occur, in the truth or in the answers. */
  readonly macroF1: number | null;
  readonly macroPrecision: number | null;
  readonly macroRecall: number | null;
  readonly accuracy: number | null;
  readonly perClass: Readonly<Record<string, LabelMetrics>>;
  /** Area under the ROC curve. Two labels: of the second; more: the mean of each against the rest. `null` with one class only. */
  readonly auc: number | null;
  /** The same up to a false positive rate of .1, standardised so that chance is .5 and perfect is 1 (McClish 1989). */
  readonly spauc: number | null;
  /** Expected calibration error of the best label's score, 15 bins. */
  readonly ece: number | null;
  /** Mean negative log-likelihood of the truth. */
  readonly logLoss: number | null;
  /** Counts, `[truth][answer]`, in the order of the labels. */
  readonly confusion: readonly (readonly number[])[];
};

export function singleLabelMetrics({ labels, temperature, logits, targets }: MetricsInput): SingleLabelMetrics {
  const scores = logits.map((row) => activate('softmax', temperature, row));
  const truth = targets.map((target) => labelOf({ target }));
  const answers = scores.map(indexOfLargest);
  const confusion = confusionMatrix(labels.length, truth, answers);
  const perClass = labels.map((_, label) => labelMetrics(countsIn(confusion, label)));
  return {
    task: 'single-label',
    examples: truth.length,
    ...macroAverages(perClass),
    accuracy: mean(truth.map((label, i) => (label === answers[i] ? 1 : 0))),
    perClass: Object.fromEntries(labels.map((label, i) => [label, perClass[i]!])),
    auc: againstRest(labels.length, logits, scores, truth, rocAuc),
    spauc: againstRest(labels.length, logits, scores, truth, (values, positive) => partialRocAuc(values, positive, spaucRate)),
    ece: calibrationError('single-label', scores, targets),
    logLoss: logLoss('single-label', temperature, logits, targets),
    confusion,
  };
}

type RankingMetric = (values: readonly number[], positive: readonly boolean[]) => number | null;

function againstRest(labels: number, logits: Rows, scores: Rows, truth: readonly number[], metric: RankingMetric): number | null {
  // The difference of two logits ranks as the score does, without its rounding near 0 and 1.
  if (labels === 2) {
    const margins = logits.map((row) => row[1]! - row[0]!);
    return metric(margins, truth.map((label) => label === 1)); // biome-ignore format: short
  }
  const values = Array.from({ length: labels }, (_, of) =>
    metric(
      scores.map((row) => row[of]!),
      truth.map((label) => label === of),
    ),
  );
  return mean(values.filter((value) => value !== null));
}
