/** @file How good answers are where a text has any number of labels, each decided by itself. */
import { activate } from '../../models/index.js';
import { calibrationError } from './calibration.js';
import { countAnswers, type LabelMetrics, labelMetrics, macroAverages, mean } from './confusion.js';
import { logLoss } from './log-loss.js';
import type { MetricsInput } from './metrics-input.js';
import { partialRocAuc, rocAuc, spaucRate } from './ranking.js';

export type MultiLabelMetrics = {
  readonly task: 'multi-label';
  readonly examples: number;
  /** Mean F1 over the labels that occur, in the truth or in the answers. */
  readonly macroF1: number | null;
  readonly macroPrecision: number | null;
  readonly macroRecall: number | null;
  /** F1 of all labels of all texts counted together. `null` where no text has or was given any. */
  readonly microF1: number | null;
  /** Share of texts with every label right. */
  readonly accuracy: number | null;
  readonly perClass: Readonly<Record<string, MultiLabelClass>>;
  /** Mean over the labels of the area under their ROC curves; those that all texts or none has are left out. */
  readonly auc: number | null;
  /** The same up to a false positive rate of .1, standardised so that chance is .5 and perfect is 1 (McClish 1989). */
  readonly spauc: number | null;
  /** Expected calibration error over the scores of all labels of all texts, 15 bins. */
  readonly ece: number | null;
  /** Mean negative log-likelihood over texts and labels. */
  readonly logLoss: number | null;
};

export type MultiLabelClass = LabelMetrics & {
  readonly auc: number | null;
  readonly spauc: number | null;
  /** Score from which the label is given. */
  readonly threshold: number;
};

/** The score from which a label is given when nobody has fitted one. */
export const evenThreshold = 0.5;

export function multiLabelMetrics({ labels, temperature, logits, targets, thresholds = {} }: MetricsInput): MultiLabelMetrics {
  const scores = logits.map((row) => activate('sigmoid', temperature, row));
  const limits = labels.map((label) => thresholds[label] ?? evenThreshold);
  const counted = limits.map((threshold, of) => {
    const truth = targets.map((row) => row[of]! >= 0.5);
    const given = scores.map((row) => row[of]! >= threshold);
    const values = logits.map((row) => row[of]!);
    return { truth, given, values, counts: countAnswers(truth, given) };
  });
  const perClass = counted.map(
    ({ truth, values, counts }, of): MultiLabelClass => ({
      ...labelMetrics(counts),
      auc: rocAuc(values, truth),
      spauc: partialRocAuc(values, truth, spaucRate),
      threshold: limits[of]!,
    }),
  );
  const total = (of: 'right' | 'given' | 'support') => counted.reduce((sum, { counts }) => sum + counts[of], 0);
  const defined = (of: 'auc' | 'spauc') => mean(perClass.flatMap((label) => label[of] ?? []));
  return {
    task: 'multi-label',
    examples: targets.length,
    ...macroAverages(perClass),
    microF1: labelMetrics({ right: total('right'), given: total('given'), support: total('support') }).f1,
    accuracy: mean(targets.map((_, i) => (counted.every(({ truth, given }) => truth[i] === given[i]) ? 1 : 0))),
    perClass: Object.fromEntries(labels.map((label, i) => [label, perClass[i]!])),
    auc: defined('auc'),
    spauc: defined('spauc'),
    ece: calibrationError('multi-label', scores, targets),
    logLoss: logLoss('multi-label', temperature, logits, targets),
  };
}
