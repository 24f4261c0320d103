/** @file What a model file answers on texts that the trained model has answered. */
import { type Classifier, type Manifest, type Prediction, type TextInput, UsageError } from '../models/index.js';

/** What turns logits into an answer. */
export type AnswerRules = Pick<Manifest, 'labels' | 'activation' | 'temperature' | 'thresholds'>;

export type CompareOptions = {
  /** Runs the file. */
  readonly classifier: Classifier;
  readonly rules: AnswerRules;
  readonly predictions: readonly Prediction[];
  /** Texts compared at most, evenly spaced. */
  readonly maxTexts: number;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
};

export type Compared = {
  readonly chosen: readonly Prediction[];
  /** What the file gives for them. */
  readonly logits: readonly Float32Array[];
  /** Of values above 1, which only a regression has by nature: as a share. */
  readonly maxLogitDifference: number;
  readonly meanLogitDifference: number;
  /** Texts with the same answer. */
  readonly agreeing: number;
};

/** @throws UsageError `bundle/parity` where there is nothing to compare on */
export async function compareAnswers({ classifier, rules, predictions, maxTexts, onProgress }: CompareOptions): Promise<Compared> {
  if (predictions.length === 0)
    throw new UsageError('bundle/parity', 'export: there are no val texts to compare the exported file on', 'train with val texts.');
  const chosen = spread(predictions, maxTexts);
  const inputs = chosen.map(({ text, pair }): TextInput => (pair === undefined ? text : [text, pair]));
  const { logits } = await classifier.logits(inputs, onProgress ? { onProgress } : {});
  const { scale, agree } = answersOf[rules.activation](rules, chosen);
  let [maxLogitDifference, sum, agreeing] = [0, 0, 0];
  chosen.forEach((prediction, i) => {
    const given = [...logits[i]!];
    for (const [label, trained] of prediction.logits.entries()) {
      const difference = Math.abs((given[label] ?? Number.NaN) - trained) / scale(trained);
      // A NaN must not pass for small.
      if (!(difference <= maxLogitDifference)) maxLogitDifference = difference;
      sum += difference;
    }
    if (agree(given, prediction.logits)) agreeing += 1;
  });
  return { chosen, logits, maxLogitDifference, meanLogitDifference: sum / (chosen.length * rules.labels.length), agreeing };
}

export function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);
}

type Answers = {
  /** What a difference is measured in. */
  readonly scale: (logit: number) => number;
  /** Whether a reader would call two answers the same. */
  readonly agree: (given: readonly number[], trained: readonly number[]) => boolean;
};

const answersOf: { readonly [A in Manifest['activation']]: (rules: AnswerRules, chosen: readonly Prediction[]) => Answers } = {
  softmax: () => ({ scale: () => 1, agree: (given, trained) => top(given) === top(trained) }),
  // Labels are independent: the answer is the set of those that reach their threshold.
  sigmoid: ({ labels, temperature, thresholds = {} }) => {
    const cuts = labels.map((label) => temperature * logOdds(thresholds[label] ?? 0.5));
    return { scale: () => 1, agree: (given, trained) => cuts.every((cut, i) => given[i]! >= cut === trained[i]! >= cut) };
  },
  // Values have any size, and float32 rounds the large ones more. Two are the same where they differ by less than a tenth of how values spread.
  none: ({ labels }, chosen) => {
    const near = labels.map((_, i) => Math.max(1e-6, deviation(chosen.map(({ logits }) => logits[i]!)) / 10));
    return {
      scale: (value) => Math.max(1, Math.abs(value)),
      agree: (given, trained) => near.every((most, i) => Math.abs(given[i]! - trained[i]!) <= most),
    };
  },
};

const top = (values: readonly number[]): number => values.indexOf(Math.max(...values));

const logOdds = (share: number): number => Math.log(share / (1 - share));

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
