/** @file A bundle's answers in other runtimes, beside our own. */
import type { Bundle, Precision } from '../../models/bundle/node.js';
import { activate, createClassifier, type Manifest, type TextInput } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import { onnxruntimePython, optimum } from './python.js';
import type { Runtime } from './runtime.js';
import { transformersJs } from './transformers-js.js';

export const runtimes: readonly Runtime[] = [transformersJs, onnxruntimePython, optimum];

export type Agreement = {
  readonly texts: number;
  /** Share of the texts with the same label, or the same labels. */
  readonly sameLabels: number;
  readonly largestDifference: number;
};
type Asked = { readonly runtime: string; readonly precision: Precision };
export type Compared = Asked & {
  /** On every text that both read alike. */
  readonly alike: Agreement;
  /** On texts that had to be cut, which the runtime cuts in its own way. */
  readonly cut?: Agreement & { readonly why: string };
};
export type Comparison = Compared | (Asked & { readonly skipped: string });

/** Each runtime on each file of the bundle; what cannot be asked is skipped, with the reason. */
export async function* compareRuntimes(
  bundle: Bundle,
  texts: readonly TextInput[],
  asked: readonly Runtime[] = runtimes,
): AsyncGenerator<Comparison> {
  const { activation, models } = bundle.manifest;
  for (const precision of Object.keys(models) as readonly Precision[]) {
    const { scores: ours, truncated } = await ourScores(bundle, precision, texts);
    for (const runtime of asked) {
      const about = { runtime: runtime.title, precision };
      const skipped = await runtime.absent({ bundle });
      if (skipped !== undefined) {
        yield { ...about, skipped };
        continue;
      }
      const theirs = await runtime.scores({ bundle, precision, texts });
      const on = (chosen: (cut: boolean) => boolean): Agreement => {
        const rows = texts.flatMap((_, i) => (chosen(truncated[i]!) ? [i] : []));
        return agreement(activation, rows.map((i) => ours[i]!), rows.map((i) => theirs[i] ?? [])); // biome-ignore format: one idea
      };
      const why = truncated.includes(true) ? runtime.cutsOtherwise : undefined;
      yield why === undefined
        ? { ...about, alike: on(() => true) }
        : { ...about, alike: on((cut) => !cut), cut: { ...on((cut) => cut), why } };
    }
  }
}

type Answers = { readonly scores: readonly (readonly number[])[]; readonly truncated: readonly boolean[] };

/** Without the temperature, and with each pair in the given order alone: what no other runtime knows of. */
async function ourScores(bundle: Bundle, precision: Precision, texts: readonly TextInput[]): Promise<Answers> {
  const { manifest, tokenizerJson, modelPath } = bundle;
  const session = await createSession(modelPath(precision));
  const { maxTokens } = manifest.text;
  const classifier = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), maxTokens });
  const { logits, truncated } = await classifier.logits(texts).finally(() => session.dispose());
  return { scores: logits.map((row) => activate(manifest.activation, 1, row)), truncated };
}

/** A score that is no number agrees with nothing. */
export function agreement(
  activation: Manifest['activation'],
  ours: readonly (readonly number[])[],
  theirs: readonly (readonly number[])[],
): Agreement {
  const said = answered[activation];
  let largestDifference = 0;
  let same = 0;
  ours.forEach((row, i) => {
    const other = theirs[i] ?? [];
    row.forEach((score, label) => {
      const difference = Math.abs(score - (other[label] ?? Number.NaN));
      if (!(difference <= largestDifference)) largestDifference = difference;
    });
    if (other.length === row.length && said(row) === said(other)) same += 1;
  });
  return { texts: ours.length, sameLabels: ours.length === 0 ? 1 : same / ours.length, largestDifference };
}

const answered: { readonly [A in Manifest['activation']]: (scores: readonly number[]) => string } = {
  softmax: (scores) => String(scores.indexOf(Math.max(...scores))),
  sigmoid: (scores) => scores.map((score) => (score >= 0.5 ? '1' : '0')).join(''),
  none: () => '',
};
