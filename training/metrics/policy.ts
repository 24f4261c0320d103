/** @file From which score on a label holds a text back, and from which it is given, fitted on val. */
import type { LabelPolicy, Policy } from '../../models/index.js';
import { firstToFind, lowestPrecise, thresholdAt } from './fit-threshold.js';
import type { Rows } from './log-loss.js';
import { cumulate, type ThresholdStep } from './ranking.js';

export type PolicyWishes = {
  /** Share of blocked texts that must really have the label. Default .98. */
  readonly blockPrecision?: number | undefined;
  /** Blocked texts on val that it takes to believe that precision. Default 20. */
  readonly blockSupport?: number | undefined;
  /** Share of the texts with a label that must be held for review. Default: whatever share the best F1 comes with. */
  readonly reviewRecall?: number | undefined;
};

export type PolicyInput = PolicyWishes & {
  readonly labels: readonly string[];
  /** The labels that hold a text back. */
  readonly hold: readonly string[];
  /** `[examples][labels]`, after temperature and activation. */
  readonly scores: Rows;
  /** `[examples][labels]`, 0 or 1. */
  readonly targets: Rows;
};

/** `review`: the highest threshold that finds the wanted share of the texts with that label or, where none is wanted, the threshold with the
 *  best F1. `block`: the lowest threshold from there on whose precision is `blockPrecision` over at least `blockSupport` texts, or `null`.
 *  A label that val does not have gets review .5. */
export function fitPolicy({ labels, hold, scores, targets, blockPrecision = 0.98, blockSupport = 20, reviewRecall }: PolicyInput): Policy {
  const rules = hold.map((label): [string, LabelPolicy] => {
    const steps = stepsOf(labels.indexOf(label), scores, targets);
    const positives = steps.at(-1)?.right ?? 0;
    if (positives === 0) return [label, { review: evenThreshold, block: null }];
    const review = reviewRecall === undefined ? bestF1(steps, positives) : firstToFind(steps, reviewRecall * positives);
    const block = lowestPrecise(steps.slice(0, review + 1), blockPrecision, blockSupport);
    return [label, { review: thresholdAt(steps, review, 0), block: block < 0 ? null : thresholdAt(steps, block, 0) }];
  });
  return { labels: Object.fromEntries(rules) };
}

/** For each label the score with the best F1 of that label, from which it is given in multi-label; .5 for one that val does not have. */
export function fitThresholds(labels: readonly string[], scores: Rows, targets: Rows): Readonly<Record<string, number>> {
  const thresholds = labels.map((label, of) => {
    const steps = stepsOf(of, scores, targets);
    const positives = steps.at(-1)?.right ?? 0;
    return [label, positives === 0 ? evenThreshold : thresholdAt(steps, bestF1(steps, positives), 0)] as const;
  });
  return Object.fromEntries(thresholds);
}

const evenThreshold = 0.5;

function stepsOf(label: number, scores: Rows, targets: Rows): ThresholdStep[] {
  return cumulate(
    scores.map((row) => row[label]!),
    targets.map((row) => row[label]! >= 0.5),
  );
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
