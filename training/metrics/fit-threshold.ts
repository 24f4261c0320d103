/** @file The threshold on one score that a wanted precision or recall asks for, and what it comes to. */
import { cumulate, type ThresholdStep } from './ranking.js';

export type ThresholdWish =
  /** Share of the held texts that must really have the label, believed from `support` held texts on. */
  | { readonly precision: number; readonly support: number } /** Share of the texts with the label that must be held. */
  | { readonly recall: number };

/** Counts at a threshold: texts at or above it, how many of them have the label, and how many have it in all. */
export type HeldCounts = { readonly held: number; readonly right: number; readonly positives: number };

export type ThresholdFit =
  | ({ readonly reached: true; readonly at: number } & HeldCounts)
  /** `best`: the highest precision over as many texts as the wish asks for, and where; `undefined` where there are not so many texts. */
  | { readonly reached: false; readonly positives: number; readonly best: (HeldCounts & { readonly at: number }) | undefined };

/**
 * For a precision the lowest threshold that has it, for a recall the highest: each holds what it must and lets go what it can.
 *
 * @param values scores, one a text
 * @param positive whether the text has the label
 * @param floor what no value is below; without it the lowest threshold is the lowest value
 */
export function fitThreshold(values: readonly number[], positive: readonly boolean[], wish: ThresholdWish, floor?: number): ThresholdFit {
  const steps = cumulate(values, positive);
  const positives = steps.at(-1)?.right ?? 0;
  const counts = (at: number) => {
    const { right, wrong } = steps[at]!;
    return { at: thresholdAt(steps, at, floor), held: right + wrong, right, positives };
  };
  if (positives === 0) return { reached: false, positives, best: undefined };
  const found = 'recall' in wish ? firstToFind(steps, wish.recall * positives) : lowestPrecise(steps, wish.precision, wish.support);
  if (found >= 0) return { reached: true, ...counts(found) };
  const best = 'recall' in wish ? -1 : mostPrecise(steps, wish.support);
  return { reached: false, positives, best: best < 0 ? undefined : counts(best) };
}

/** @param wanted how many texts with the label; a hair less is enough, for .07 × 100 is 7.000000000000001 */
export function firstToFind(steps: readonly ThresholdStep[], wanted: number): number {
  return steps.findIndex(({ right }) => right >= wanted - 1e-9);
}

/** -1: none is so precise over so many texts. */
export function lowestPrecise(steps: readonly ThresholdStep[], precision: number, support: number): number {
  return steps.findLastIndex(({ right, wrong }) => right + wrong >= support && right / (right + wrong) >= precision);
}

function mostPrecise(steps: readonly ThresholdStep[], support: number): number {
  let best = -1;
  let highest = -1;
  steps.forEach(({ right, wrong }, at) => {
    const precision = right / (right + wrong);
    if (right + wrong >= support && precision > highest) [best, highest] = [at, precision];
  });
  return best;
}

/** Half way to the next lower score, as the shortest decimal that parts the two. @param floor below all scores; without it the lowest score itself */
export function thresholdAt(steps: readonly ThresholdStep[], at: number, floor?: number): number {
  const { value } = steps[at]!;
  const below = steps[at + 1]?.value ?? floor;
  if (below === undefined) return value;
  const middle = (value + below) / 2;
  for (let digits = 2; digits < 17; digits++) {
    const short = Number(middle.toFixed(digits));
    if (short > below && short <= value) return short;
  }
  return value;
}
