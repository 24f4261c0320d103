/** @file Figures made of counts of right and wrong answers. */
import type { Answers } from './answers.js';
import { type ResampledMetric, weightedMean } from './weighted-mean.js';

/** F1 is 2 right / (2 right + missed + wrong): macro its mean over the labels that occur in truth or answers, micro of all labels together.
 *  Accuracy is the share of texts with every label right. */
export function tallied({ labels, given, targets }: Answers): {
  readonly [N in 'macroF1' | 'microF1' | 'accuracy']: ResampledMetric;
} {
  const [right, missed, wrong] = [0, 1, 2];
  const outcomes = targets.flatMap((row, text) => {
    const answered = new Set(given[text]);
    return row.flatMap((target, label) => {
      const kind = target >= 0.5 ? (answered.has(label) ? right : missed) : answered.has(label) ? wrong : undefined;
      return kind === undefined ? [] : [{ text, kind, cell: 3 * label + kind }];
    });
  });
  const texts = Int32Array.from(outcomes, ({ text }) => text);
  const cells = Int32Array.from(outcomes, ({ cell }) => cell);
  const tally = new Float64Array(3 * labels.length);
  const count = (counts: ArrayLike<number>) => {
    tally.fill(0);
    for (let i = 0; i < cells.length; i++) tally[cells[i]!]! += counts[texts[i]!]!;
  };
  const mistaken = new Set(outcomes.filter(({ kind }) => kind !== right).map(({ text }) => text));
  return {
    macroF1(counts) {
      count(counts);
      let [sum, occurring] = [0, 0];
      for (let cell = 0; cell < tally.length; cell += 3) {
        const twice = 2 * tally[cell]!;
        const all = twice + tally[cell + 1]! + tally[cell + 2]!;
        if (all === 0) continue;
        sum += twice / all;
        occurring += 1;
      }
      return sum / occurring;
    },
    microF1(counts) {
      count(counts);
      let [twice, all] = [0, 0];
      for (let cell = 0; cell < tally.length; cell += 3) {
        twice += 2 * tally[cell]!;
        all += 2 * tally[cell]! + tally[cell + 1]! + tally[cell + 2]!;
      }
      return twice / all;
    },
    accuracy: weightedMean(targets.map((_, text) => (mistaken.has(text) ? 0 : 1))),
  };
}
