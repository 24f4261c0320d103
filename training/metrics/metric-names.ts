/** @file The figures of each task by name: what can choose a model, and what models are compared by. */
import type { Task } from '../data/example.js';
import type { Metrics } from './metrics.js';

/** Which way is better, for the figures that can choose a model. */
export const metricDirections = {
  macroF1: 1,
  microF1: 1,
  accuracy: 1,
  auc: 1,
  spauc: 1,
  logLoss: -1,
  pearson: 1,
  spearman: 1,
  mse: -1,
  mae: -1,
} as const;

export type MetricName = keyof typeof metricDirections;

/** As a person reads it. */
export const metricTitles: { readonly [N in MetricName]: string } = {
  macroF1: 'macro F1',
  microF1: 'micro F1',
  accuracy: 'accuracy',
  auc: 'AUC',
  spauc: 'spAUC',
  logLoss: 'log loss',
  pearson: 'Pearson',
  spearman: 'Spearman',
  mse: 'mean squared error',
  mae: 'mean absolute error',
};

/** Figures that a task has. The first chooses a model unless another is asked for. */
export const metricsOfTask: { readonly [T in Task]: readonly [MetricName, ...MetricName[]] } = {
  'single-label': ['macroF1', 'accuracy', 'auc', 'spauc', 'logLoss'],
  'multi-label': ['macroF1', 'microF1', 'accuracy', 'auc', 'spauc', 'logLoss'],
  regression: ['mse', 'mae', 'pearson', 'spearman'],
};

/** Figures by which models and baselines are set side by side, the telling one first. */
export const comparedFigures: { readonly [T in Task]: readonly [MetricName, ...MetricName[]] } = {
  'single-label': ['macroF1', 'accuracy'],
  'multi-label': ['macroF1', 'microF1', 'accuracy'],
  regression: ['pearson', 'spearman', 'mse', 'mae'],
};

/** Some figures by name. */
export type Figures = Readonly<Partial<Record<MetricName, number | null>>>;

/** A figure by its name; `null` where it is not defined or not of this task. */
export function metricValue(metrics: Metrics | Figures, name: MetricName): number | null {
  return (metrics as Figures)[name] ?? null;
}

/** The value that evaluations are ranked by. Where the figure is not defined: macro F1, which has the direction of every figure that can
 *  be undefined on some examples (AUC with one class); of a regression 0, which is no correlation. */
export function selectionValue(metrics: Metrics, name: MetricName): number {
  return metricValue(metrics, name) ?? metricValue(metrics, 'macroF1') ?? 0;
}
