/** @file What a run answered on a set of texts, and its figures. */
import { activate, type Prediction, type Run } from '../../models/index.js';
import type { Task } from '../data/dataset.js';
import { activationOf, taskOf } from '../metrics/activation-of.js';
import { indexOfLargest } from '../metrics/confusion.js';
import { computeMetrics, type Metrics } from '../metrics/metrics.js';
import { evenThreshold } from '../metrics/multi-label.js';

/** What turns logits into answers. A run states it, and a bundle. */
export type AnswerRules = Pick<Run, 'labels' | 'activation' | 'temperature'> & { readonly thresholds?: Run['thresholds'] };

export type Answers = {
  readonly task: Task;
  readonly labels: readonly string[];
  /** [texts][labels], divided by the temperature already. */
  readonly logits: readonly (readonly number[])[];
  /** Of each text the labels that it was given, as indices. Empty in a regression. */
  readonly given: readonly (readonly number[])[];
  /** [texts][labels], what was right. */
  readonly targets: readonly (readonly number[])[];
  readonly texts: readonly { readonly text: string; readonly pair?: string }[];
  /** Multi-label: score from which a label was given. */
  readonly thresholds?: Run['thresholds'];
};

export function answersOf({ labels, activation, temperature, thresholds = {} }: AnswerRules, predictions: readonly Prediction[]): Answers {
  const task = taskOf(activation);
  const limits = labels.map((label) => thresholds[label] ?? evenThreshold);
  const logits = predictions.map((prediction) => prediction.logits.map((logit) => logit / temperature));
  return {
    task,
    labels,
    logits,
    given: logits.map((row) => givenLabels[task](activate(activation, 1, row), limits)),
    targets: predictions.map(({ target }) => target),
    texts: predictions.map(({ text, pair }) => ({ text, ...(pair === undefined ? {} : { pair }) })),
    thresholds,
  };
}

export const figuresOf = ({ task, labels, logits, targets, thresholds }: Answers): Metrics =>
  computeMetrics({ task, labels, temperature: 1, logits, targets, thresholds });

/** The scores of each text, [texts][labels]; the values of a regression. */
export const scoresOf = ({ task, logits }: Answers): readonly (readonly number[])[] =>
  logits.map((row) => activate(activationOf(task), 1, row));

const givenLabels: { readonly [T in Task]: (scores: readonly number[], limits: readonly number[]) => readonly number[] } = {
  'single-label': (scores) => [indexOfLargest(scores)],
  'multi-label': (scores, limits) => scores.flatMap((score, label) => (score >= limits[label]! ? [label] : [])),
  regression: () => [],
};
