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

export type LabelCounts = {
  /** Examples that have the label and were given it. */
  readonly right: number;
  /** Examples that were given the label. */
  readonly given: number;
  /** Examples that have it. */
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

/** Of one label in a confusion matrix. */
export function countsIn(confusion: readonly (readonly number[])[], label: number): LabelCounts {
  return {
    right: confusion[label]![label]!,
    given: confusion.reduce((sum, row) => sum + row[label]!, 0),
    support: confusion[label]!.reduce((a, b) => a + b, 0),
  };
}

/** Of one label by itself. */
export function countAnswers(truth: readonly boolean[], given: readonly boolean[]): LabelCounts {
  return {
    right: given.filter((is, i) => is && truth[i]).length,
    given: given.filter(Boolean).length,
    support: truth.filter(Boolean).length,
  };
}

export function labelMetrics({ right, given, support }: LabelCounts): LabelMetrics {
  return {
    precision: given === 0 ? null : right / given,
    recall: support === 0 ? null : right / support,
    f1: given + support === 0 ? null : (2 * right) / (given + support),
    support,
  };
}

export type MacroAverages = {
  readonly macroF1: number | null;
  readonly macroPrecision: number | null;
  readonly macroRecall: number | null;
};

/** Means over the labels that occur, in the truth or in the answers; what such a label lacks counts as 0, as scikit-learn has it.
 *  `null` where no label occurs. */
export function macroAverages(labels: readonly LabelMetrics[]): MacroAverages {
  const occurring = labels.filter(({ f1 }) => f1 !== null);
  const over = (of: 'f1' | 'precision' | 'recall') => mean(occurring.map((label) => label[of] ?? 0));
  return { macroF1: over('f1'), macroPrecision: over('precision'), macroRecall: over('recall') };
}

/** `null` of nothing. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
}
