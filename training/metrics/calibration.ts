/** @file Whether a score of .8 is right eight times in ten, and the temperature that makes it so. */
import { labelOf, type Task } from '../data/example.js';
import { indexOfLargest } from './confusion.js';
import { logLoss, type Rows } from './log-loss.js';

export type CalibrationBin = {
  /** Scores in (from, to]. */
  readonly from: number;
  readonly to: number;
  readonly claims: number;
  /** Mean score of the claims, and the share of them that is right; `null` in an empty bin. */
  readonly score: number | null;
  readonly accuracy: number | null;
};

/** A score, and whether what it stands for is so. */
type Claim = { readonly score: number; readonly right: boolean };

/** What is claimed: by a single-label model its answer, by a multi-label model each label of each text, by a regression nothing. */
const claimsOf: { readonly [T in Task]: (scores: ArrayLike<number>, target: readonly number[]) => readonly Claim[] } = {
  'single-label': (scores, target) => {
    const answer = indexOfLargest(scores);
    return [{ score: scores[answer]!, right: answer === labelOf({ target }) }];
  },
  'multi-label': (scores, target) => target.map((value, label) => ({ score: scores[label]!, right: value >= 0.5 })),
  regression: () => [],
};

/** Bins of equal width over the scores.
 *  @param scores `[examples][labels]`, after temperature and activation */
export function calibrationBins(task: Task, scores: Rows, targets: readonly (readonly number[])[], count = 15): CalibrationBin[] {
  const sums = Array.from({ length: count }, () => ({ claims: 0, score: 0, right: 0 }));
  scores.forEach((row, i) => {
    for (const { score, right } of claimsOf[task](row, targets[i]!)) {
      const bin = sums[Math.min(count - 1, Math.max(0, Math.ceil(score * count) - 1))]!;
      bin.claims += 1;
      bin.score += score;
      bin.right += right ? 1 : 0;
    }
  });
  return sums.map(({ claims, score, right }, i) => ({
    from: i / count,
    to: (i + 1) / count,
    claims,
    score: claims === 0 ? null : score / claims,
    accuracy: claims === 0 ? null : right / claims,
  }));
}

/** Expected calibration error (Guo et al. 2017): the mean over claims of |accuracy - score| of their bin. `null` where nothing is claimed. */
export function calibrationError(task: Task, scores: Rows, targets: readonly (readonly number[])[]): number | null {
  const bins = calibrationBins(task, scores, targets);
  const total = bins.reduce((sum, { claims }) => sum + claims, 0);
  if (total === 0) return null;
  return bins.reduce((sum, { claims, score, accuracy }) => sum + claims * Math.abs((accuracy ?? 0) - (score ?? 0)), 0) / total;
}

/** Whether nothing is wrong in an answer; always, where there is no likelihood to raise. */
const allRight: { readonly [T in Task]: (logits: ArrayLike<number>, target: readonly number[]) => boolean } = {
  'single-label': (logits, target) => indexOfLargest(logits) === labelOf({ target }),
  'multi-label': (logits, target) => target.every((value, label) => logits[label]! >= 0 === value >= 0.5),
  regression: () => true,
};

/** The temperature with the least log loss, between .1 and 10. 1 where there is nothing to fit: in a regression, without examples, or when
 *  every answer is right, for then any smaller temperature looks better.
 *  @param logits `[examples][labels]`, as `targets` */
export function fitTemperature(task: Task, logits: Rows, targets: readonly (readonly number[])[]): number {
  if (logits.every((row, i) => allRight[task](row, targets[i]!))) return 1;
  const loss = (exponent: number) => logLoss(task, Math.exp(exponent), logits, targets)!;
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
