/** @file A classifier that was trained elsewhere to a bundle: its weights in a graph of ours, calibrated on labelled texts. */
import type { Bundle } from '../../models/bundle/node.js';
import { probeTexts, runModel, tokenizerConfig, UsageError } from '../../models/index.js';
import { type AnswerOptions, answer, type LabelledTexts } from '../answer.js';
import { assembleBundle, type BundleOptions } from '../assemble-bundle.js';
import { type Calibration, calibrate, type Labelled, uncalibrated } from './calibrate.js';
import { cutOtherwise } from './foreign-tokenizer.js';
import type { Foreign } from './read-foreign.js';

export type ImportOptions = BundleOptions &
  AnswerOptions & {
    readonly name: string;
    /** What temperature, thresholds and figures come from. Without it scores are as the model gives them, and nothing holds a text back. */
    readonly labelled?: Labelled | undefined;
    readonly license?: string | undefined;
    readonly notice?: string | undefined;
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
  const model = runModel({ name, architecture, labels }, weights);
  // What the graph answers before anything is done to it.
  const { logits, predictions } = await answer(model, { tokenizer: tokenizer.tokenizer, maxTokens }, labelled ?? own(labels), {
    onAnswered,
  });
  const calibration = labelled && calibrate({ task, labels }, labelled, logits);
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
      model,
      weights: new Set(weights.keys()),
      predictions,
    },
    options,
  );
  return { bundle, calibration, cutOtherwise: await cutOtherwise(tokenizer.json, text.input, maxTokens) };
}

/** The texts that every bundle carries, which have no labels. */
function own(labels: readonly string[]): LabelledTexts {
  const examples = probeTexts('any').map((text, line) => ({ text: String(text), line }));
  return { examples, targets: examples.map(() => labels.map(() => 0)) };
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
