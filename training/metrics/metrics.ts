/** @file How good a classifier's answers are. The numbers of scikit-learn; `null`, never NaN, where a number is not defined. */
import { activate, invariant } from '../../models/index.js';
import { calibrationError } from './calibration.js';
import { confusionMatrix, indexOfLargest, type LabelMetrics, labelMetrics } from './confusion.js';
import { type Activation, logLoss } from './log-loss.js';
import { partialRocAuc, rocAuc } from './ranking.js';

export type Metrics = {
  readonly examples: number;
  /** Mean F1 over the labels that occur, in the truth or in the answers. */
  readonly macroF1: number;
  readonly accuracy: number;
  readonly perClass: Readonly<Record<string, LabelMetrics>>;
  /** Area under the ROC curve. Two labels: of the second; more: the mean of each against the rest. `null` with one class only. */
  readonly auc: number | null;
  /** The same up to a false positive rate of .1, standardised so that chance is .5 and perfect is 1 (McClish 1989). */
  readonly spauc: number | null;
  /** Expected calibration error of the best label's score, 15 bins. `null` without an activation. */
  readonly ece: number | null;
  /** Mean negative log-likelihood of the truth. `null` without an activation. */
  readonly logLoss: number | null;
  /** Counts, `[truth][answer]`, in the order of the labels. */
  readonly confusion: readonly (readonly number[])[];
};

export type MetricsInput = {
  readonly labels: readonly string[];
  readonly activation: Activation;
  readonly temperature: number;
  /** `[examples][labels]` */
  readonly logits: readonly ArrayLike<number>[];
  /** Index of each example's label. */
  readonly truth: readonly number[];
};

export function computeMetrics({ labels, activation, temperature, logits, truth }: MetricsInput): Metrics {
  invariant(truth.length > 0 && truth.length === logits.length, `metrics: ${logits.length} logits for ${truth.length} examples`);
  const scores = logits.map((row) => activate(activation, temperature, row));
  const answers = scores.map(indexOfLargest);
  const confusion = confusionMatrix(labels.length, truth, answers);
  const perClass = labels.map((_, label) => labelMetrics(confusion, label));
  const occurring = perClass.flatMap(({ f1 }) => (f1 === null ? [] : [f1]));
  return {
    examples: truth.length,
    macroF1: mean(occurring),
    accuracy: mean(truth.map((label, i) => (label === answers[i] ? 1 : 0))),
    perClass: Object.fromEntries(labels.map((label, i) => [label, perClass[i]!])),
    auc: againstRest(labels.length, logits, scores, truth, rocAuc),
    spauc: againstRest(labels.length, logits, scores, truth, (values, positive) => partialRocAuc(values, positive, 0.1)),
    ece: activation === 'none' ? null : calibrationError(scores, truth),
    logLoss: logLoss(activation, temperature, logits, truth),
    confusion,
  };
}

type RankingMetric = (values: readonly number[], positive: readonly boolean[]) => number | null;

function againstRest(
  labels: number,
  logits: readonly ArrayLike<number>[],
  scores: readonly (readonly number[])[],
  truth: readonly number[],
  metric: RankingMetric,
): number | null {
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
  ).filter((value) => value !== null);
  return values.length === 0 ? null : mean(values);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
