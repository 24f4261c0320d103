/** @file Figures of a run as functions of how often each text counts: everything that does not hang on the draw is done once, so that ten
 *  thousand draws take a second. */
import { activate, UsageError } from '../../models/index.js';
import type { Task } from '../data/dataset.js';
import { activationOf } from '../metrics/activation-of.js';
import { logLoss } from '../metrics/log-loss.js';
import { type MetricName, metricsOfTask } from '../metrics/metric-names.js';
import { spaucRate } from '../metrics/ranking.js';
import type { Answers } from './answers.js';
import { correlation, rankCorrelation } from './resampled-correlation.js';
import { tallied } from './resampled-counts.js';
import { rocArea } from './resampled-ranking.js';
import { meanOf, type ResampledMetric, weightedMean } from './weighted-mean.js';

type Resampled = (answers: Answers) => ResampledMetric;

const resampled: { readonly [N in MetricName]: Resampled } = {
  macroF1: (answers) => tallied(answers).macroF1,
  microF1: (answers) => tallied(answers).microF1,
  accuracy: (answers) => tallied(answers).accuracy,
  auc: (answers) => overLabels(answers, rocArea),
  spauc: (answers) => overLabels(answers, (values, positive) => rocArea(values, positive, spaucRate)),
  logLoss: ({ task, logits, targets }) => weightedMean(logits.map((row, i) => logLoss(task, 1, [row], [targets[i]!]) ?? Number.NaN)),
  pearson: (answers) => overValues(answers, correlation),
  spearman: (answers) => overValues(answers, rankCorrelation),
  mse: (answers) => overValues(answers, (said, truth) => weightedMean(said.map((value, i) => (value - truth[i]!) ** 2))),
  mae: (answers) => overValues(answers, (said, truth) => weightedMean(said.map((value, i) => Math.abs(value - truth[i]!)))),
};

/** @throws UsageError `usage/argument` for a figure that the task does not have */
export function resampledMetric(answers: Answers, metric: string): ResampledMetric {
  const known = metricsOfTask[answers.task];
  const name = known.find((one) => one === metric);
  if (name) return resampled[name](answers);
  throw new UsageError('usage/argument', `metric ${metric}: these runs do not have it`, `use one of ${known.join(', ')}.`);
}

type RankedLabels = (
  rows: Answers['logits'],
  labels: readonly string[],
) => readonly { readonly label: number; readonly values: number[] }[];

const columns: RankedLabels = (rows, labels) => labels.map((_, label) => ({ label, values: rows.map((row) => row[label]!) }));

/** What ranks the texts for a label. Two labels of which one is right: the second alone, by the difference of the logits. */
const rankings: { readonly [T in Task]: RankedLabels } = {
  'single-label': (rows, labels) =>
    labels.length === 2
      ? [{ label: 1, values: rows.map((row) => row[1]! - row[0]!) }]
      : columns(rows.map((row) => activate(activationOf('single-label'), 1, row)), labels), // biome-ignore format: short
  'multi-label': columns,
  regression: () => [],
};

function overLabels(
  { task, labels, logits, targets }: Answers,
  metric: (values: readonly number[], positive: readonly boolean[]) => ResampledMetric,
): ResampledMetric {
  return meanOf(rankings[task](logits, labels).map(({ label, values }) => metric(values, targets.map((row) => row[label]! >= 0.5)))); // biome-ignore format: short
}

function overValues(
  { labels, logits, targets }: Answers,
  metric: (said: readonly number[], truth: readonly number[]) => ResampledMetric,
): ResampledMetric {
  const truth = columns(targets, labels);
  return meanOf(columns(logits, labels).map(({ label, values }) => metric(values, truth[label]!.values)));
}
