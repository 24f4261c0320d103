/** @file When an answer is right, how surely, and when two are the same. */
import type { Manifest } from '../../models/index.js';

export type Answers = {
  /** Above 0: the answer is right. In log-odds, or of values 1 where they are met and 0 where they are half a deviation away. */
  margin(logits: ArrayLike<number>, target: readonly number[]): number;
  same(one: ArrayLike<number>, other: ArrayLike<number>): boolean;
};

export type AnswerRules = Pick<Manifest, 'labels' | 'activation' | 'temperature' | 'thresholds'>;

/** @param ordinary logits of ordinary texts, as exported: how far apart values lie */
export const answersOf = (rules: AnswerRules, ordinary: readonly ArrayLike<number>[]): Answers => kinds[rules.activation](rules, ordinary);

const kinds: { readonly [A in Manifest['activation']]: (rules: AnswerRules, ordinary: readonly ArrayLike<number>[]) => Answers } = {
  softmax: ({ temperature }) => ({
    margin: (logits, target) => {
      const wanted = target.indexOf(1);
      const others = Array.from(logits).filter((_, i) => i !== wanted);
      return (logits[wanted]! - Math.max(...others)) / temperature;
    },
    same: (one, other) => highest(one) === highest(other),
  }),
  sigmoid: ({ labels, temperature, thresholds = {} }) => {
    const above = labels.map((label) => temperature * logOdds(thresholds[label] ?? 0.5));
    const given = (logits: ArrayLike<number>): readonly number[] => above.map((least, i) => Number(logits[i]! >= least));
    return {
      margin: (logits, target) => Math.min(...above.map((least, i) => ((target[i] ? 1 : -1) * (logits[i]! - least)) / temperature)),
      same: (one, other) => given(one).join() === given(other).join(),
    };
  },
  none: ({ labels }, ordinary) => {
    const half = labels.map((_, i) => deviation(ordinary.map((row) => row[i]!)) / 2);
    const farthest = (one: ArrayLike<number>, other: ArrayLike<number>): number =>
      Math.max(...half.map((unit, i) => Math.abs(one[i]! - other[i]!) / unit));
    return {
      margin: (logits, target) => 1 - farthest(logits, target),
      same: (one, other) => farthest(one, other) < 1,
    };
  },
};

function highest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** A threshold of 0 or 1 is met by every score or by none. */
const logOdds = (share: number): number => {
  const inside = Math.min(1 - 1e-6, Math.max(1e-6, share));
  return Math.log(inside / (1 - inside));
};

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.max(1e-6, Math.sqrt(variance));
}
