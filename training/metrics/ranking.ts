/** @file How well scores put the positive examples first: ROC and precision-recall curves and the areas under them. */

/** False positive rate up to which the standardised partial area looks. */
export const spaucRate = 0.1;

export type CurvePoint = { readonly x: number; readonly y: number };

/** Area under the ROC curve; ties count half. `null` when all examples are of one class. */
export function rocAuc(values: readonly number[], positive: readonly boolean[]): number | null {
  const curve = rocCurve(values, positive);
  return curve && area(curve);
}

/** Area under the ROC curve up to `maxFalsePositiveRate`, standardised after McClish (1989): chance .5, perfect 1. As scikit-learn's `max_fpr`. */
export function partialRocAuc(values: readonly number[], positive: readonly boolean[], maxFalsePositiveRate: number): number | null {
  const curve = rocCurve(values, positive);
  if (!curve) return null;
  const beyond = curve.findIndex(({ x }) => x > maxFalsePositiveRate);
  const inside = beyond < 0 ? curve : curve.slice(0, beyond);
  const last = inside.at(-1)!;
  const next = beyond < 0 ? last : curve[beyond]!;
  const slope = next.x === last.x ? 0 : (next.y - last.y) / (next.x - last.x);
  const partial = area([...inside, { x: maxFalsePositiveRate, y: last.y + slope * (maxFalsePositiveRate - last.x) }]);
  const chance = maxFalsePositiveRate ** 2 / 2;
  return (1 + (partial - chance) / (maxFalsePositiveRate - chance)) / 2;
}

/** x: false positive rate, y: true positive rate, from (0, 0) to (1, 1). `null` when all examples are of one class. */
export function rocCurve(values: readonly number[], positive: readonly boolean[]): CurvePoint[] | null {
  const steps = cumulate(values, positive);
  const { right, wrong } = steps.at(-1) ?? { right: 0, wrong: 0 };
  if (right === 0 || wrong === 0) return null;
  return [{ x: 0, y: 0 }, ...steps.map((step) => ({ x: step.wrong / wrong, y: step.right / right }))];
}

/** x: recall, y: precision, by falling threshold. `null` when no example is positive. */
export function precisionRecallCurve(values: readonly number[], positive: readonly boolean[]): CurvePoint[] | null {
  const steps = cumulate(values, positive);
  const total = steps.at(-1)?.right ?? 0;
  if (total === 0) return null;
  return steps.map(({ right, wrong }) => ({ x: right / total, y: right / (right + wrong) }));
}

export type ThresholdStep = {
  /** The score at or above which this step counts. */
  readonly value: number;
  /** Positive and negative examples at or above it. */
  readonly right: number;
  readonly wrong: number;
};

/** One step for each different score, from the highest down. */
export function cumulate(values: readonly number[], positive: readonly boolean[]): ThresholdStep[] {
  const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!);
  const steps: ThresholdStep[] = [];
  let right = 0;
  let wrong = 0;
  order.forEach((example, at) => {
    if (positive[example]) right += 1;
    else wrong += 1;
    const next = order[at + 1];
    const value = values[example]!;
    if (next === undefined || values[next] !== value) steps.push({ value, right, wrong });
  });
  return steps;
}

/** By the trapezoidal rule. */
function area(curve: readonly CurvePoint[]): number {
  let sum = 0;
  for (let i = 1; i < curve.length; i++) sum += ((curve[i]!.x - curve[i - 1]!.x) * (curve[i]!.y + curve[i - 1]!.y)) / 2;
  return sum;
}
