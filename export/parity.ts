/** @file Whether the exported file answers as the trained graph did, on real texts. */
import { type Classifier, type Manifest, type Parity, type Prediction, type TextInput, UsageError } from '../models/index.js';

/** Logits may differ by this much at most: training and export sum in different orders, in float32. */
export const parityTolerance = 1e-4;

export type ParityCheck = {
  /** Runs the exported file. */
  readonly classifier: Classifier;
  readonly activation: Manifest['activation'];
  /** What the run recorded on val. */
  readonly predictions: readonly Prediction[];
  readonly tolerance: number;
  /** Texts compared at most, evenly spaced over val. Default 1000. */
  readonly maxTexts?: number;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
};

/** @throws UsageError `bundle/parity` when a logit is further off than the tolerance, or one text gets another label */
export async function checkParity({
  classifier,
  activation,
  predictions,
  tolerance,
  maxTexts = 1000,
  onProgress,
}: ParityCheck): Promise<Parity> {
  if (predictions.length === 0) throw refused('the run recorded no val texts to compare on');
  const chosen = spread(predictions, maxTexts);
  const inputs = chosen.map(({ text, pair }): TextInput => (pair === undefined ? text : [text, pair]));
  const { logits } = await classifier.logits(inputs, onProgress ? { onProgress } : {});
  const answers = answersOf[activation];
  let maxLogitDifference = 0;
  let agreeing = 0;
  chosen.forEach((prediction, i) => {
    const exported = [...logits[i]!];
    for (const [label, logit] of exported.entries()) {
      const difference = Math.abs(logit - prediction.logits[label]!) / answers.scale(prediction.logits[label]!);
      // A NaN must not pass for small.
      if (!(difference <= maxLogitDifference)) maxLogitDifference = difference;
    }
    if (answers.said(exported) === answers.said(prediction.logits)) agreeing += 1;
  });
  const labelAgreement = agreeing / chosen.length;
  if (!(maxLogitDifference <= tolerance))
    throw refused(`its logits differ by up to ${maxLogitDifference} from those of the run, more than ${tolerance}`);
  if (agreeing < chosen.length)
    throw refused(`${chosen.length - agreeing} of ${chosen.length} val texts get another label than in the run`);
  return { texts: chosen.length, maxLogitDifference, labelAgreement, tolerance };
}

function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);
}

type Answers = {
  /** What a reader would call the answer. */
  readonly said: (logits: readonly number[]) => string;
  /** What a difference is measured in. */
  readonly scale: (logit: number) => number;
};

const answersOf: { readonly [A in Manifest['activation']]: Answers } = {
  softmax: { said: (logits) => String(logits.indexOf(Math.max(...logits))), scale: () => 1 },
  // Labels are independent: the answer is the set of those that are likelier than not.
  sigmoid: { said: (logits) => logits.map((logit) => (logit >= 0 ? '1' : '0')).join(''), scale: () => 1 },
  // Values have any size, and float32 rounds the large ones more.
  none: { said: () => '', scale: (value) => Math.max(1, Math.abs(value)) },
};

function refused(what: string): UsageError {
  return new UsageError(
    'bundle/parity',
    `export: the exported file is not what was trained: ${what}`,
    'nothing was written; check that the run folder was not changed, or train again.',
  );
}
