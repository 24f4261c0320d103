/** @file Answers against the truth, counted. */

export type LabelMetrics = {
  /** Right among those given this label; `null` when it was never given. */
  readonly precision: number | null;
  /** Found among those that have this label; `null` when none has it. */
  readonly recall: number | null;
  /** `null` when no example has the label and none was given it. */
  readonly f1: number | null;
  /** Examples that have this label. */
  readonly support: number;
};

/** The first of the largest values. */
export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Counts, `[truth][answer]`. */
export function confusionMatrix(labels: number, truth: readonly number[], answers: readonly number[]): number[][] {
  const counts = Array.from({ length: labels }, () => new Array<number>(labels).fill(0));
  truth.forEach((label, i) => {
    counts[label]![answers[i]!]! += 1;
  });
  return counts;
}

export function labelMetrics(confusion: readonly (readonly number[])[], label: number): LabelMetrics {
  const right = confusion[label]![label]!;
  const support = confusion[label]!.reduce((a, b) => a + b, 0);
  const given = confusion.reduce((sum, row) => sum + row[label]!, 0);
  return {
    precision: given === 0 ? null : right / given,
    recall: support === 0 ? null : right / support,
    f1: given + support === 0 ? null : (2 * right) / (given + support),
    support,
  };
}
