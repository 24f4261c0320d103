/** @file Figures and differences in plain words. */
import { invariant } from '../../models/index.js';
import { type MetricName, metricDirections, metricTitles } from '../metrics/metric-names.js';
import type { Difference } from './bootstrap.js';

/** Shares of one are told in points, hundredths; losses and errors as they are. */
const inPoints: ReadonlySet<MetricName> = new Set(['macroF1', 'microF1', 'accuracy', 'auc', 'spauc']);

/** `0.8 points of macro F1`, `0.013 of log loss`. */
const unit = (metric: MetricName): string => `${inPoints.has(metric) ? ' points' : ''} of ${metricTitles[metric]}`;

/** With its sign, unless it is nothing as far as it is shown. */
export function signed(value: number | null, metric: MetricName): string {
  if (value === null) return '–';
  const digits = shown(Math.abs(value), metric);
  return Number(digits) === 0 ? digits : `${value < 0 ? '−' : '+'}${digits}`;
}

const shown = (value: number, metric: MetricName): string => (inPoints.has(metric) ? (100 * value).toFixed(1) : value.toFixed(4));

/** -1: `b` is worse than `a`, 1: better, 0: the interval holds no difference. */
export function verdictOf({ low, high }: Difference, metric: MetricName): -1 | 0 | 1 {
  if (low === null || high === null || (low <= 0 && high >= 0)) return 0;
  return (Math.sign(low) * metricDirections[metric]) as -1 | 1;
}

/** What a trick with this worth does. */
export const judgement = (worth: Difference, metric: MetricName): string =>
  ({ '1': 'helps', '0': 'may be chance', '-1': 'harms' })[verdictOf(worth, metric)];

/** Whether `b` is better than `a`, and how sure that is. */
export function sentence(a: string, b: string, difference: Difference, metric: MetricName): string {
  const { difference: value, low, high } = difference;
  if (low === null || high === null) return `${a} and ${b} cannot be compared: ${metricTitles[metric]} is not defined on these texts.`;
  const interval = `95 % interval ${signed(low, metric)} to ${signed(high, metric)}`;
  const verdict = verdictOf(difference, metric);
  if (verdict !== 0)
    return `${b} is ${verdict > 0 ? 'better' : 'worse'} than ${a} by ${shown(Math.abs(value), metric)}${unit(metric)} (${interval}): more than chance.`;
  return `${a} and ${b} cannot be told apart: ${signed(value, metric)}${unit(metric)} for ${b} (${interval}).`;
}

/** A metric by its name; the caller has made sure that it is one. */
export function metricNamed(name: string): MetricName {
  invariant(Object.hasOwn(metricDirections, name), `study: no metric ${name}`);
  return name as MetricName;
}
