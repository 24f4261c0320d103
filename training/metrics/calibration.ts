/** @file Whether a score of .8 is right eight times in ten, and the temperature that makes it so. */
import { indexOfLargest } from './confusion.js';
import { type Activation, logLoss } from './log-loss.js';

export type CalibrationBin = {
  /** Scores in (from, to]. */
  readonly from: number;
  readonly to: number;
  readonly examples: number;
  /** Mean score of the answer, and share of right answers; `null` in an empty bin. */
  readonly score: number | null;
  readonly accuracy: number | null;
};

/** Bins of equal width over the score of the best label. */
export function calibrationBins(scores: readonly ArrayLike<number>[], truth: readonly number[], count = 15): CalibrationBin[] {
  const sums = Array.from({ length: count }, () => ({ examples: 0, score: 0, right: 0 }));
  scores.forEach((row, i) => {
    const answer = indexOfLargest(row);
    const bin = sums[Math.min(count - 1, Math.max(0, Math.ceil(row[answer]! * count) - 1))]!;
    bin.examples += 1;
    bin.score += row[answer]!;
    bin.right += answer === truth[i] ? 1 : 0;
  });
  return sums.map(({ examples, score, right }, i) => ({
    from: i / count,
    to: (i + 1) / count,
    examples,
    score: examples === 0 ? null : score / examples,
    accuracy: examples === 0 ? null : right / examples,
  }));
}

/** Expected calibration error (Guo et al. 2017): the mean over examples of |accuracy - score| of their bin. */
export function calibrationError(scores: readonly ArrayLike<number>[], truth: readonly number[]): number {
  const bins = calibrationBins(scores, truth);
  return bins.reduce((sum, { examples, score, accuracy }) => sum + examples * Math.abs((accuracy ?? 0) - (score ?? 0)), 0) / scores.length;
}

/** The temperature with the least log loss, between .1 and 10. 1 where there is nothing to fit: without an activation, or when every answer
 *  is right, for then any smaller temperature looks better. */
export function fitTemperature(logits: readonly ArrayLike<number>[], truth: readonly number[], activation: Activation): number {
  if (activation === 'none' || logits.every((row, i) => indexOfLargest(row) === truth[i])) return 1;
  const loss = (exponent: number) => logLoss(activation, Math.exp(exponent), logits, truth)!;
  // The loss is convex in 1 / temperature, so it has one valley: golden-section search over log temperature.
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(0.1), Math.log(10)];
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [lossLeft, lossRight] = [loss(left), loss(right)];
  while (high - low > 1e-6) {
    if (lossLeft < lossRight) {
      [high, right, lossRight] = [right, left, lossLeft];
      left = high - golden * (high - low);
      lossLeft = loss(left);
    } else {
      [low, left, lossLeft] = [left, right, lossRight];
      right = low + golden * (high - low);
      lossRight = loss(right);
    }
  }
  return Number(Math.exp((low + high) / 2).toFixed(4));
}
