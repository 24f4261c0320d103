/** @file What a model file answers on labelled texts: what other files of it are then held to. */
import { createClassifier, type Prediction, type TextInput, type TextRules, type Tokenizer } from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import type { RawExample } from '../training/index.js';

/** Labelled texts, as the labels of the model have them. */
export type LabelledTexts = {
  readonly examples: readonly RawExample[];
  /** `[examples][labels]` */
  readonly targets: readonly (readonly number[])[];
};

export type AnswerOptions = {
  /** Told while the model answers the labelled texts. */
  readonly onAnswered?: ((done: number, total: number) => void) | undefined;
};

export type Reading = { readonly tokenizer: Tokenizer } & Pick<TextRules, 'maxTokens'> & Partial<TextRules>;

/** @param model bytes of an `.onnx` file */
export async function answer(
  model: Uint8Array,
  reading: Reading,
  { examples, targets }: LabelledTexts,
  { onAnswered }: AnswerOptions = {},
): Promise<{ readonly logits: readonly Float32Array[]; readonly predictions: readonly Prediction[] }> {
  const session = await createSession(model);
  const classifier = createClassifier({ session, ...reading });
  const inputs = examples.map(({ text, pair }): TextInput => (pair === undefined ? text : [text, pair]));
  const { logits } = await classifier.logits(inputs, onAnswered ? { onProgress: onAnswered } : {}).finally(() => session.dispose());
  const predictions = examples.map(({ text, pair }, i) => ({
    text,
    ...(pair === undefined ? {} : { pair }),
    target: [...targets[i]!],
    logits: Array.from(logits[i]!),
  }));
  return { logits, predictions };
}
