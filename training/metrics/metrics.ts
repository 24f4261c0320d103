/** @file How good a model's answers are. The numbers of scikit-learn and SciPy; `null`, never NaN, where a number is not defined. */
import { invariant } from '../../models/index.js';
import type { Task } from '../data/example.js';
import type { MetricsInput } from './metrics-input.js';
import { type MultiLabelMetrics, multiLabelMetrics } from './multi-label.js';
import { type RegressionMetrics, regressionMetrics } from './regression.js';
import { type SingleLabelMetrics, singleLabelMetrics } from './single-label.js';

export type MetricsByTask = {
  readonly 'single-label': SingleLabelMetrics;
  readonly 'multi-label': MultiLabelMetrics;
  readonly regression: RegressionMetrics;
};
export type Metrics = MetricsByTask[Task];

const measures: { readonly [T in Task]: (input: MetricsInput) => MetricsByTask[T] } = {
  'single-label': singleLabelMetrics,
  'multi-label': multiLabelMetrics,
  regression: regressionMetrics,
};

export function computeMetrics<T extends Task>({ task, ...input }: MetricsInput & { readonly task: T }): MetricsByTask[T] {
  const { logits, targets } = input;
  invariant(targets.length === logits.length, `metrics: ${logits.length} logits for ${targets.length} examples`);
  return measures[task](input);
}
