/** @file The best classifier that asks one question: is this number above that? */
import { confusionMatrix, indexOfLargest } from '../metrics/confusion.js';
import { chiSquare } from './statistics.js';

export type Rule = {
  /** Answers `below` up to this value, and `above` beyond it. */
  readonly threshold: number;
  /** Indices of labels. */
  readonly below: number;
  readonly above: number;
};

export type Score = { readonly macroF1: number; readonly accuracy: number };

const mostThresholds = 64;

/** The rule with the best macro F1 on these examples; `undefined` where all values are alike.
 *  @param truth index of each example's label */
export function fitRule(values: ArrayLike<number>, truth: readonly number[], labels: number): Rule | undefined {
  const order = Int32Array.from(truth.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
  const totals = countLabels(truth, labels);
  const below = new Array<number>(labels).fill(0);
  let best: (Rule & { readonly macroF1: number }) | undefined;
  let next = 0;
  for (const at of cuts(order, values)) {
    for (; next < at; next++) below[truth[order[next]!]!]! += 1;
    const above = totals.map((total, label) => total - below[label]!);
    const threshold = (values[order[at - 1]!]! + values[order[at]!]!) / 2;
    // Plain counts favour frequent labels, counts relative to the label's total do not: macro F1 decides which is better.
    const relative = (counts: readonly number[]) => counts.map((count, label) => (totals[label] === 0 ? 0 : count / totals[label]!));
    for (const weigh of [(counts: readonly number[]) => counts, relative]) {
      const [answerBelow, answerAbove] = [indexOfLargest(weigh(below)), indexOfLargest(weigh(above))];
      const { macroF1 } = scoreOf(below.map((count, label) => answers(labels, [answerBelow, count], [answerAbove, above[label]!])));
      if (!best || macroF1 > best.macroF1 + 1e-12) best = { threshold, below: answerBelow, above: answerAbove, macroF1 };
    }
  }
  return best && { threshold: best.threshold, below: best.below, above: best.above };
}

export function measureRule(
  { threshold, below, above }: Rule,
  values: ArrayLike<number>,
  truth: readonly number[],
  labels: number,
): Score & {
  /** How likely answers are as near to the truth, or as far from it, by chance. */
  readonly p: number;
} {
  const given = truth.map((_, i) => (values[i]! > threshold ? above : below));
  const confusion = confusionMatrix(labels, truth, given);
  return { ...scoreOf(confusion), p: chiSquare(confusion).p };
}

/** Always the label that is most frequent in `known`. */
export function measureMajority(known: readonly number[], truth: readonly number[], labels: number): Score & { readonly label: number } {
  const label = indexOfLargest(countLabels(known, labels));
  return { ...scoreOf(confusionMatrix(labels, truth, truth.map(() => label))), label }; // biome-ignore format: short
}

/** Macro F1 over the labels that occur in truth or answers. @param confusion counts, [truth][answer] */
function scoreOf(confusion: readonly (readonly number[])[]): Score {
  const f1 = confusion.flatMap((row, label) => {
    const support = sum(row);
    const given = sum(confusion.map((other) => other[label]!));
    return support + given === 0 ? [] : [(2 * row[label]!) / (support + given)];
  });
  const right = sum(confusion.map((row, label) => row[label]!));
  return { macroF1: sum(f1) / f1.length, accuracy: right / sum(confusion.flat()) };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** One row of a confusion matrix. */
function answers(labels: number, ...given: readonly (readonly [label: number, count: number])[]): number[] {
  const row = new Array<number>(labels).fill(0);
  for (const [label, count] of given) row[label]! += count;
  return row;
}

/** Places between different values: all of them, or where there are many those next to evenly spaced ranks. */
function cuts(order: Int32Array, values: ArrayLike<number>): number[] {
  const places: number[] = [];
  for (let at = 1; at < order.length; at++) if (values[order[at]!]! > values[order[at - 1]!]!) places.push(at);
  if (places.length <= mostThresholds) return places;
  const chosen = new Set<number>();
  let from = 0;
  for (let i = 1; i <= mostThresholds; i++) {
    const wanted = (i * order.length) / (mostThresholds + 1);
    while (from < places.length - 1 && places[from]! < wanted) from += 1;
    chosen.add(places[from]!);
  }
  return [...chosen];
}

function countLabels(truth: readonly number[], labels: number): number[] {
  const counts = new Array<number>(labels).fill(0);
  for (const label of truth) counts[label]! += 1;
  return counts;
}
