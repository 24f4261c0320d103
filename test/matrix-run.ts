/** @file Runs of a second, each with one thing turned on: made-up texts that serve every task, and the way from them to a served model. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { exportBundle } from '../export/index.js';
import { type Bundle, verifyBundle } from '../models/bundle/node.js';
import {
  activate,
  type Classifier,
  createClassifier,
  runFiles,
  type Session,
  type SessionOptions,
  type TextInput,
  type Tokenizer,
} from '../models/index.js';
import { readRun } from '../models/run/node.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { parseConfig, type RunEvent, trainRun } from '../training/index.js';
import type { LogEntry } from '../training/trainer/run-log.js';
import { relativeDifference } from './golden.js';

const places = ['Lisbon', 'Oslo', 'Ghent', 'Cork', 'Porto', 'Bergen', 'Bruges'];
const topics: Readonly<Record<string, readonly string[]>> = {
  politics: ['voters reject the budget', 'the council debates a tax', 'ministers promise new bridges'],
  sport: ['runners win the long race', 'the team loses a match', 'swimmers break an old record'],
  weather: ['heavy rain floods the harbour', 'snow closes the roads', 'a storm is expected tonight'],
};
const labels = Object.keys(topics);

/** Politics comes twice as often as the others. One row serves every task: it has a label, labels and a value, names and a group. */
const rows = Array.from({ length: 84 }, (_, i) => {
  const label = ['politics', ...labels][i % 4]!;
  const [place, topic] = [places[i % 7]!, topics[label]![i % 3]!];
  const rivals = i % 5 === 0 ? ['sport'] : [];
  return {
    text: `${i % 2 ? `In ${place} ` : ''}${topic}${i % 3 ? ` near ${places[(i + 3) % 7]}` : ''} on day ${i}`,
    label,
    labels: [...new Set([...(label === 'politics' ? [] : [label]), ...rivals])],
    value: labels.indexOf(label) * 2 + (i % 3) * 0.5,
    entities: [...(i % 2 ? [place] : []), ...(i % 3 ? [places[(i + 3) % 7]!] : [])],
    values: [labels.indexOf(label), topic.length],
    strangers: [places[(i * 3) % 7]!],
  };
});
const pairs = rows.map(({ text }, i) => {
  const other = rows[(i + (i % 2 ? 4 : 5)) % rows.length]!;
  return { text, pair: other.text, label: other.label === rows[i]!.label ? 'same' : 'other', topic: rows[i]!.label };
});

/** 41 texts to train on (5 steps of 8 an epoch, and one of a single text), 16 of val, 24 without labels; and as many pairs. */
export async function writeMatrixData(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const cut = <T>(all: readonly T[]) => ({ train: all.slice(0, 41), val: all.slice(41, 57), unlabelled: all.slice(57, 81) });
  for (const [kind, all] of Object.entries({ texts: rows, pairs })) {
    for (const [name, some] of Object.entries(cut<object>(all)))
      await writeFile(join(folder, `${kind}.${name}.jsonl`), some.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
}

export type Overrides = Readonly<Record<string, unknown>>;

/** One epoch over the files in `home`, by a BERT of one layer unless `overrides` (by dotted key) say otherwise. */
export const matrixConfig = (home: string, overrides: Overrides = {}) => {
  const given = Object.keys(overrides);
  const sizes = { layers: 1, width: 16, heads: 2, intermediate: 16, vocabularySize: 200, initializerRange: 0.2 };
  const config = {
    name: 'matrix',
    data: { train: 'texts.train.jsonl', val: 'texts.val.jsonl' },
    ...(given.includes('model') ? {} : { model: sizes }),
    text: { maxTokens: 24 },
    training: { epochs: 1, batchSize: 8, learningRate: 5e-3, threads: 1, ema: { decay: 0.5 } },
  };
  return parseConfig(JSON.stringify(config), join(home, 'config.json'), overrides);
};

export type StepLine = Extract<LogEntry, { kind: 'step' }>;
export type FinishedRun = {
  readonly folder: string;
  readonly steps: readonly StepLine[];
  readonly report: string;
  /** Parameters that pre-trained weights had nothing for. */
  readonly initialised: readonly string[];
};

/** Carries a run to its end, and sees that what it leaves is whole: finite losses, a report without holes, val answered. */
export async function finishedRun(home: string, name: string, overrides: Overrides = {}): Promise<FinishedRun> {
  const folder = join(home, 'runs', name.replaceAll(/[^\w-]+/g, '-'));
  const events: RunEvent[] = [];
  for await (const event of trainRun({ config: matrixConfig(home, overrides), folder })) events.push(event);
  expect(events.at(-1)!.kind).toBe('finished');
  const log = await readFile(join(folder, runFiles.log), 'utf8');
  const lines = log.trim().split('\n').map((line) => JSON.parse(line) as LogEntry); // biome-ignore format: one line
  const steps = lines.filter((line) => line.kind === 'step');
  expect(steps.length).toBeGreaterThan(0);
  for (const { loss, parts = {} } of steps) for (const value of [loss, ...Object.values(parts)]) expect(value).toEqual(expect.any(Number));
  const report = await readFile(join(folder, runFiles.report), 'utf8');
  expect(report).not.toMatch(/NaN|undefined|\[object/);
  const { run, predictions } = await readRun(folder);
  const answered = await predictions();
  expect(answered).toHaveLength(16);
  expect(run.metrics.val).toMatchObject({ examples: 16 });
  const first = answered.map(({ logits }) => logits[0]!);
  expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(1e-3); // the answers hang on the texts
  const prepared = events.flatMap((event) => (event.kind === 'prepared' ? [event.prepared] : []))[0]!;
  return { folder, steps, report, initialised: prepared.initialised };
}

/** Exports the run, which compares the file with what the run recorded, and checks the bundle as a stranger would. */
export async function exportedRun({ folder }: FinishedRun): Promise<Bundle> {
  const { folder: bundle } = await exportBundle({ run: folder, to: join(folder, 'bundles') });
  const verified = await verifyBundle(bundle);
  expect(verified.manifest.parity.fp32).toMatchObject({ texts: 16, labelAgreement: 1 });
  return verified;
}

type Runtime = {
  readonly createSession: (model: Uint8Array, options: SessionOptions) => Promise<Session>;
  readonly createTokenizer: (tokenizerJson: string) => Tokenizer;
};

/** The bundle's file through a runtime and a tokenizer: by default those of the server. */
export async function withClassifier<T>(
  { manifest, modelBytes, tokenizerJson }: Bundle,
  use: (classifier: Classifier) => Promise<T>,
  runtime: Runtime = { createSession, createTokenizer },
): Promise<T> {
  const session = await runtime.createSession(await modelBytes(), { threads: 1 });
  const classifier = createClassifier({ session, tokenizer: runtime.createTokenizer(tokenizerJson), ...manifest.text });
  return use(classifier).finally(() => session.dispose());
}

/** Val as the run was asked it, with the logits that it recorded. */
export async function recorded({ folder }: FinishedRun): Promise<{ inputs: readonly TextInput[]; logits: readonly (readonly number[])[] }> {
  const predictions = await (await readRun(folder)).predictions();
  const inputs = predictions.map(({ text, pair }): TextInput => (pair === undefined ? text : [text, pair]));
  return { inputs, logits: predictions.map(({ logits }) => logits) };
}

/** The bundle answers what the run recorded, and a text alone as among others: scores within 1e-6. */
export async function sameWhenServed(run: FinishedRun, bundle: Bundle): Promise<void> {
  const { inputs, logits } = await recorded(run);
  const { activation, temperature } = bundle.manifest;
  await withClassifier(bundle, async (classifier) => {
    const together = (await classifier.logits(inputs, { batchTokens: 1e6, maxBatch: 16, overheadTokens: 1e6 })).logits;
    const alone = (await classifier.logits(inputs, { maxBatch: 1 })).logits;
    expect(
      relativeDifference(
        together.flatMap((row) => [...row]),
        logits.flat(),
      ),
    ).toBeLessThan(1e-5);
    const scores = (rows: readonly Float32Array[]) => rows.flatMap((row) => [...activate(activation, temperature, row)]);
    expect(relativeDifference(scores(alone), scores(together))).toBeLessThan(1e-6);
  });
}
