/** @file From which score on a label holds a text back, fitted on val. */
import type { LabelPolicy, Policy } from '../../models/index.js';
import { cumulate, type ThresholdStep } from './ranking.js';

export type PolicyInput = {
  readonly labels: readonly string[];
  /** The labels that hold a text back. */
  readonly hold: readonly string[];
  /** `[examples][labels]`, after temperature and activation. */
  readonly scores: readonly ArrayLike<number>[];
  readonly truth: readonly number[];
  /** Share of blocked texts that must really have the label. Default .98. */
  readonly blockPrecision?: number;
  /** Blocked texts on val that it takes to believe that precision. Default 20. */
  readonly blockSupport?: number;
};

/** `review`: the threshold with the best F1 of that label. `block`: the lowest threshold from there on whose precision is `blockPrecision`
 *  over at least `blockSupport` texts, or `null`. A label that val does not have gets review .5. */
export function fitPolicy({ labels, hold, scores, truth, blockPrecision = 0.98, blockSupport = 20 }: PolicyInput): Policy {
  const rules = hold.map((label): [string, LabelPolicy] => {
    const index = labels.indexOf(label);
    const steps = cumulate(
      scores.map((row) => row[index]!),
      truth.map((of) => of === index),
    );
    const positives = steps.at(-1)?.right ?? 0;
    if (positives === 0) return [label, { review: 0.5, block: null }];
    const review = bestF1(steps, positives);
    const block = lowestPrecise(steps.slice(0, review + 1), blockPrecision, blockSupport);
    return [label, { review: thresholdAt(steps, review), block: block < 0 ? null : thresholdAt(steps, block) }];
  });
  return { labels: Object.fromEntries(rules) };
}

/** Of equals the one with the higher threshold: it holds fewer texts. */
function bestF1(steps: readonly ThresholdStep[], positives: number): number {
  let best = 0;
  let bestScore = -1;
  steps.forEach(({ right, wrong }, at) => {
    const f1 = (2 * right) / (right + wrong + positives);
    if (f1 > bestScore) [best, bestScore] = [at, f1];
  });
  return best;
}

function lowestPrecise(steps: readonly ThresholdStep[], precision: number, support: number): number {
  return steps.findLastIndex(({ right, wrong }) => right + wrong >= support && right / (right + wrong) >= precision);
}

/** Half way to the next lower score, as the shortest decimal that parts the two. */
function thresholdAt(steps: readonly ThresholdStep[], at: number): number {
  const { value } = steps[at]!;
  const below = steps[at + 1]?.value ?? 0;
  const middle = (value + below) / 2;
  for (let digits = 2; digits < 17; digits++) {
    const short = Number(middle.toFixed(digits));
    if (short > below && short <= value) return short;
  }
  return value;
}
