/** @file A classifier that was trained elsewhere to a bundle: its weights in a graph of ours, calibrated on labelled texts. */
import type { Bundle } from '../../models/bundle/node.js';
import { createClassifier, type Prediction, probeTexts, runModel, tokenizerConfig, UsageError } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { assembleBundle, type BundleOptions } from '../assemble-bundle.js';
import { askedOf, type Calibration, calibrate, type Labelled, predictionsOf, uncalibrated } from './calibrate.js';
import { cutOtherwise } from './foreign-tokenizer.js';
import type { Foreign } from './read-foreign.js';

export type ImportOptions = BundleOptions & {
  readonly name: string;
  /** What temperature, thresholds and figures come from. Without it scores are as the model gives them, and nothing holds a text back. */
  readonly labelled?: Labelled | undefined;
  readonly license?: string | undefined;
  readonly notice?: string | undefined;
  /** Told while the model answers the labelled texts. */
  readonly onAnswered?: (done: number, total: number) => void;
};

export type Imported = {
  readonly bundle: Bundle;
  readonly calibration: Calibration | undefined;
  /** Texts that a browser would cut into other tokens than the server. */
  readonly cutOtherwise: readonly string[];
};

/** @throws UsageError `usage/argument` for int8 or fp16 without labelled texts, and what `assembleBundle` throws */
export async function importModel(
  foreign: Foreign,
  { labelled, name, license, notice, onAnswered, ...options }: ImportOptions,
): Promise<Imported> {
  checkPrecisions(options.precision, labelled);
  const { architecture, task, maxTokens, weights, tokenizer } = foreign;
  const labels = [...foreign.labels];
  const answer = await answers(foreign, name, labelled, onAnswered);
  const calibration = labelled && calibrate({ task, labels }, labelled, answer.logits);
  const rules = calibration?.rules ?? uncalibrated(task);
  const text = { maxTokens, input: calibration?.input ?? ('any' as const), pairs: 'as-given' as const };
  const bundle = await assembleBundle(
    {
      run: {
        name,
        created: new Date().toISOString(),
        architecture,
        labels,
        ...rules,
        text,
        origin: { modelType: foreign.modelType, weights: foreign.sha256 },
        ...(license ? { license } : {}),
        ...(notice ? { notice } : {}),
      },
      tokenizerJson: tokenizer.json,
      tokenizerConfig: `${JSON.stringify(configOf(foreign), null, 2)}\n`,
      weights,
      predictions: answer.predictions,
    },
    options,
  );
  return { bundle, calibration, cutOtherwise: await cutOtherwise(tokenizer.json, text.input, maxTokens) };
}

type Answers = { readonly logits: readonly Float32Array[]; readonly predictions: readonly Prediction[] };

/** What the graph answers before anything is done to it: the labelled texts, or those that every bundle carries. */
async function answers(
  { architecture, labels, weights, tokenizer, maxTokens }: Foreign,
  name: string,
  labelled: Labelled | undefined,
  onProgress: ImportOptions['onAnswered'],
): Promise<Answers> {
  const session = await createSession(runModel({ name, architecture, labels: [...labels] }, weights));
  const classifier = createClassifier({ session, tokenizer: tokenizer.tokenizer, maxTokens });
  const examples = labelled?.examples ?? probeTexts('any').map((text, line) => ({ text: String(text), line }));
  const targets = labelled?.targets ?? examples.map(() => labels.map(() => 0));
  const { logits } = await classifier.logits(examples.map(askedOf), onProgress ? { onProgress } : {}).finally(() => session.dispose());
  return { logits, predictions: predictionsOf({ examples, targets }, logits) };
}

const tokenizerClasses: { readonly [M in string]?: string } = {
  bert: 'BertTokenizer',
  distilbert: 'DistilBertTokenizer',
  roberta: 'RobertaTokenizer',
};

/** As ours, but named for the model: its readers then leave segments out where it has none. */
function configOf({ modelType, tokenizer, maxTokens, architecture }: Foreign): Readonly<Record<string, unknown>> {
  const own = tokenizerConfig(tokenizer.json, maxTokens).tokenizerConfig;
  const named = tokenizerClasses[modelType];
  return {
    ...own,
    ...(named ? { tokenizer_class: named } : {}),
    ...(architecture.kind === 'bert' ? {} : { model_input_names: ['input_ids', 'attention_mask'] }),
  };
}

function checkPrecisions(precision: readonly string[] = [], labelled: Labelled | undefined): void {
  const other = precision.find((one) => one !== 'fp32');
  if (labelled || other === undefined) return;
  throw new UsageError(
    'usage/argument',
    `--precision ${other}: nothing says how much it may change the answers`,
    'give labelled texts with --calibrate, or leave it out.',
  );
}
