/** @file A bundle or a finished run, ready to classify: both through the same code, so that their figures can be compared. */
import {
  type Classifier,
  choosePrecision,
  createClassifier,
  type Manifest,
  runModel,
  type TextRules,
  UsageError,
  type VerdictRules,
  type WantedPrecision,
} from '../models/index.js';
import { isRun, readRun } from '../models/run/node.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { fingerprint } from '../serving/index.js';
import { openBundle } from './open-bundle.js';

export type OpenClassifier = {
  /** What turns logits into verdicts. A run has no version yet. */
  readonly rules: VerdictRules;
  /** What it may be asked, and how it is read. */
  readonly text: TextRules;
  /** Labels of labelled files that it knows by another name. */
  readonly rename: Readonly<Record<string, string>>;
  readonly kind: 'bundle' | 'run';
  /** Changes whenever answers may. */
  readonly fingerprint: string;
  readonly classifier: Classifier;
  close(): Promise<void>;
};

export type OpenOptions = {
  /** Which model file of a bundle runs. Default fp32. */
  readonly precision?: WantedPrecision | undefined;
  /** Told where the bundle lacks it. */
  readonly say?: (what: string) => void;
};

/** @throws UsageError `bundle/*` or `training/run` when the folder is neither or damaged, `usage/argument` for a run in another precision */
export async function openClassifier(folder: string, options: OpenOptions = {}): Promise<OpenClassifier> {
  return (await isRun(folder)) ? openRun(folder, options) : open(folder, options);
}

async function open(folder: string, { precision: wanted = 'fp32', say }: OpenOptions): Promise<OpenClassifier> {
  const { manifest, tokenizerJson, modelPath } = await openBundle(folder);
  const { precision, instead } = choosePrecision(manifest, wanted);
  if (instead !== undefined) say?.(instead);
  const opened = await assemble('bundle', manifest, modelPath(precision), tokenizerJson);
  return { ...opened, fingerprint: fingerprint(precision === 'fp32' ? manifest : [manifest, precision]) };
}

async function openRun(folder: string, { precision = 'fp32' }: OpenOptions): Promise<OpenClassifier> {
  if (precision !== 'fp32' && precision !== 'auto')
    throw new UsageError(
      'usage/argument',
      `--precision: ${folder} is a run, which has its weights in fp32 alone`,
      `export it with --precision ${precision}, and name the bundle.`,
    );
  const { run, tokenizerJson, weights } = await readRun(folder);
  const opened = await assemble('run', { ...run, version: 'run' }, runModel(run, await weights()), tokenizerJson);
  return { ...opened, fingerprint: fingerprint(run) };
}

async function assemble(
  kind: OpenClassifier['kind'],
  rules: VerdictRules & Pick<Manifest, 'text' | 'data'>,
  model: Uint8Array | string,
  tokenizerJson: string,
): Promise<Omit<OpenClassifier, 'fingerprint'>> {
  const { text, data } = rules;
  const session = await createSession(model);
  const classifier = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), ...text });
  return { kind, rules, text, rename: data.rename ?? {}, classifier, close: () => session.dispose() };
}
