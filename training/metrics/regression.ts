/** @file How near predicted values come to the true ones. */
import { mean } from './confusion.js';
import type { MetricsInput } from './metrics-input.js';

export type ValueMetrics = {
  /** Correlation of values, and of their ranks. `null` where the true or the predicted values are all the same. */
  readonly pearson: number | null;
  readonly spearman: number | null;
  /** Mean squared and mean absolute error; `null` without examples. */
  readonly mse: number | null;
  readonly mae: number | null;
};

/** With several values each figure is the mean over them, those that are not defined left out. */
export type RegressionMetrics = ValueMetrics & {
  readonly task: 'regression';
  readonly examples: number;
  readonly perValue: Readonly<Record<string, ValueMetrics>>;
};

export function regressionMetrics({ labels, logits, targets }: MetricsInput): RegressionMetrics {
  const perValue = labels.map((_, of) => {
    const truth = targets.map((row) => row[of]!);
    const said = logits.map((row) => row[of]!);
    return {
      pearson: pearson(truth, said),
      spearman: pearson(ranks(truth), ranks(said)),
      mse: mean(truth.map((value, i) => (value - said[i]!) ** 2)),
      mae: mean(truth.map((value, i) => Math.abs(value - said[i]!))),
    };
  });
  const over = (of: keyof ValueMetrics) => mean(perValue.flatMap((value) => value[of] ?? []));
  return {
    task: 'regression',
    examples: targets.length,
    pearson: over('pearson'),
    spearman: over('spearman'),
    mse: over('mse'),
    mae: over('mae'),
    perValue: Object.fromEntries(labels.map((label, i) => [label, perValue[i]!])),
  };
}

/** Σ (x - x̄)(y - ȳ) / √(Σ (x - x̄)² Σ (y - ȳ)²) */
export function pearson(x: readonly number[], y: readonly number[]): number | null {
  // Compared as they are: the mean of equal values is rounded, and would leave a deviation to divide by.
  if (isConstant(x) || isConstant(y)) return null;
  const [meanX, meanY] = [mean(x)!, mean(y)!];
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((value, i) => {
    const [dx, dy] = [value - meanX, y[i]! - meanY];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  });
  const scale = Math.sqrt(xx) * Math.sqrt(yy);
  return scale > 0 ? Math.min(1, Math.max(-1, xy / scale)) : null;
}

/** From 1; equals share the mean of their ranks. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranked = new Array<number>(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]!] === values[order[start]!]) end += 1;
    for (let at = start; at < end; at++) ranked[order[at]!] = (start + end + 1) / 2;
  }
  return ranked;
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}
