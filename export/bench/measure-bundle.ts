/** @file What each model file of a bundle costs and gives, in this process. */
import { median } from '../../models/bench/node.js';
import type { Bundle } from '../../models/bundle/node.js';
import {
  answerProbes,
  createClassifier,
  type Precision,
  type Prediction,
  probeTexts,
  type Session,
  type TextInput,
  type Tokenizer,
} from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import { comparedFigures, computeMetrics, metricValue, type RawExample, readExamples, type Task, taskOf } from '../../training/index.js';
import { compareAnswers } from '../compare-answers.js';
import { measureRates, type Rate } from './rates.js';

export type MeasureOptions = {
  /** Labelled texts; without them, nothing is said of accuracy, and the texts that every bundle carries are timed. */
  readonly data?: string | undefined;
  /** Texts of a call, one column each. */
  readonly batches: readonly number[];
  readonly threads: number;
  readonly rounds: number;
  readonly turnMs: number;
  /** Texts of the data at most. */
  readonly most: number;
};

export type PrecisionRow = {
  readonly bundle: string;
  readonly precision: Precision;
  readonly bytes: number;
  /** Of the fp32 file. */
  readonly share: number;
  /** Macro F1, or of a regression its correlation; `null` without data. */
  readonly figure: number | null;
  /** Share of texts answered as fp32 answers them; `null` without data. */
  readonly agreement: number | null;
  readonly rates: readonly (Omit<Rate, 'name'> & { readonly batch: number })[];
  /** Milliseconds from the path of the file to the first verdict. */
  readonly coldMs: number;
};

/** @throws UsageError `data/*` */
export async function measureBundle(bundle: Bundle, options: MeasureOptions): Promise<readonly PrecisionRow[]> {
  const { manifest, tokenizerJson, modelPath } = bundle;
  const precisions = Object.keys(manifest.models) as Precision[];
  const tokenizer = remembering(createTokenizer(tokenizerJson));
  const sessions: Session[] = [];
  const contenders = [];
  for (const name of precisions) {
    const session = await createSession(modelPath(name), { threads: options.threads });
    sessions.push(session);
    contenders.push({ name, classifier: createClassifier({ session, tokenizer, ...manifest.text }) });
  }
  try {
    const examples = options.data === undefined ? undefined : await labelled(bundle, options.data, options.most);
    const trained = await contenders[0]!.classifier.logits(examples?.inputs ?? []);
    const accuracy = new Map<string, Pick<PrecisionRow, 'figure' | 'agreement'>>();
    for (const { name, classifier } of contenders) {
      accuracy.set(name, examples ? await accuracyOf(bundle, examples, trained.logits, classifier) : { figure: null, agreement: null });
    }
    const texts = examples?.inputs ?? probeTexts(manifest.text.input);
    const byBatch = [];
    for (const batch of options.batches) byBatch.push({ batch, rates: await measureRates(contenders, { ...options, texts, batch }) });
    const rows: PrecisionRow[] = [];
    for (const precision of precisions) {
      const bytes = bytesOf(bundle, precision);
      rows.push({
        bundle: `${manifest.name}@${manifest.version}`,
        precision,
        bytes,
        share: bytes / bytesOf(bundle, 'fp32'),
        ...accuracy.get(precision)!,
        rates: byBatch.map(({ batch, rates }) => {
          const { textsPerSecond, ratio, spread } = rates.find(({ name }) => name === precision)!;
          return { batch, textsPerSecond, ratio, spread };
        }),
        coldMs: await coldStart(bundle, precision, options.threads),
      });
    }
    return rows;
  } finally {
    for (const session of sessions) await session.dispose();
  }
}

/** Cuts each text once: it takes the same time for every file, and is not what is compared. */
function remembering(tokenizer: Tokenizer): Tokenizer {
  const known = new Map<string, Awaited<ReturnType<Tokenizer['encode']>>[number]>();
  const keyOf = (input: TextInput, maxTokens: number): string => JSON.stringify([input, maxTokens]);
  return {
    ...tokenizer,
    async encode(inputs, maxTokens) {
      const fresh = inputs.filter((input) => !known.has(keyOf(input, maxTokens)));
      const encodings = fresh.length > 0 ? await tokenizer.encode(fresh, maxTokens) : [];
      for (const [i, input] of fresh.entries()) known.set(keyOf(input, maxTokens), encodings[i]!);
      return inputs.map((input) => known.get(keyOf(input, maxTokens))!);
    },
  };
}

const bytesOf = ({ manifest: { models, files } }: Bundle, precision: Precision): number =>
  files.find(({ path }) => path === models[precision])?.bytes ?? 0;

/** The median of five: a new session, and its answer to one text. The tokenizer is there already, and so are the pages of the file. */
async function coldStart({ manifest, tokenizerJson, modelPath }: Bundle, precision: Precision, threads: number): Promise<number> {
  const tokenizer = createTokenizer(tokenizerJson);
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    const session = await createSession(modelPath(precision), { threads });
    await answerProbes(createClassifier({ session, tokenizer, ...manifest.text }), probeTexts(manifest.text.input).slice(0, 1));
    times.push(performance.now() - began);
    await session.dispose();
  }
  return median(times);
}

type Labelled = { readonly inputs: readonly TextInput[]; readonly predictions: readonly Omit<Prediction, 'logits'>[] };

async function labelled({ manifest }: Bundle, file: string, most: number): Promise<Labelled> {
  const { labels, data, activation } = manifest;
  const task = taskOf(activation);
  const rename = (label: string): string => data.rename?.[label] ?? label;
  const examples = (await readExamples(file, { task })).slice(0, most);
  return {
    inputs: examples.map(({ text, pair }): TextInput => (pair === undefined ? text : [text, pair])),
    predictions: examples.map((example) => ({ text: example.text, target: [...targets[task](example, labels, rename)] })),
  };
}

const targets: {
  readonly [T in Task]: (example: RawExample, labels: readonly string[], rename: (label: string) => string) => readonly number[];
} = {
  'single-label': ({ label = '' }, labels, rename) => labels.map((one) => Number(one === rename(label))),
  'multi-label': ({ labels: has = [] }, labels, rename) => labels.map((one) => Number(has.map(rename).includes(one))),
  regression: ({ value = [] }) => value,
};

async function accuracyOf(
  { manifest }: Bundle,
  { inputs, predictions }: Labelled,
  trained: readonly Float32Array[],
  classifier: Parameters<typeof compareAnswers>[0]['classifier'],
): Promise<Pick<PrecisionRow, 'figure' | 'agreement'>> {
  const { labels, temperature, thresholds, activation } = manifest;
  const pairs = inputs.map((input) => (typeof input === 'string' ? { text: input } : { text: input[0], pair: input[1] }));
  const asked = predictions.map((prediction, i) => ({ ...prediction, ...pairs[i]!, logits: [...trained[i]!] }));
  const { logits, agreeing } = await compareAnswers({ classifier, rules: manifest, predictions: asked, maxTexts: asked.length });
  const task = taskOf(activation);
  const metrics = computeMetrics({ task, labels, temperature, thresholds, logits, targets: predictions.map(({ target }) => target) });
  return { figure: metricValue(metrics, comparedFigures[task][0]), agreement: agreeing / asked.length };
}
