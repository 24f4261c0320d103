/** @file A run of a second for tests: a few dozen made-up headlines, a BERT of one layer of 16, everything turned on. */
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFiles } from '../../../models/index.js';
import type { TrainConfig } from '../config.js';
import { parseConfig } from '../parse-config.js';
import { type RunEvent, trainRun } from '../train-run.js';
import { checkpointFolder } from '../training-loop.js';

const [who, what] = [
  ['bakers', 'ministers', 'rivers', 'cats', 'judges', 'trains', 'farmers'],
  ['soup', 'bridges', 'budgets', 'bees', 'harbours', 'strikes', 'snow'],
];
const headlines = who!.flatMap((a, i) =>
  what!.map((b, k) =>
    (i + k) % 2 === 0
      ? { text: `${10 + i} things ${a} never tell you about ${b}${k % 3 ? '' : ' and why'}`, label: 'clickbait' }
      : { text: `${a} vote on ${b}${i % 3 ? '' : ' after a long debate in the rain'}`, label: 'news' },
  ),
); // 49 texts

/** Writes data and config into `folder`; 37 texts to train on are 5 steps of 8 an epoch, the last of 5. */
export async function writeSmallData(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const lines = headlines.map((line) => JSON.stringify(line));
  await writeFile(join(folder, 'train.jsonl'), lines.slice(0, 37).join('\n'));
  await writeFile(join(folder, 'val.jsonl'), lines.slice(37).join('\n'));
  const path = join(folder, 'small.json');
  await writeFile(path, JSON.stringify(smallConfig));
  return path;
}

const smallConfig = {
  name: 'small',
  data: { train: 'train.jsonl', val: 'val.jsonl' },
  model: { layers: 1, width: 16, heads: 2, intermediate: 16, vocabularySize: 120, dropout: 0.2 },
  text: { maxTokens: 16 },
  training: {
    epochs: 4,
    batchSize: 8,
    accumulate: 2,
    learningRate: 3e-3,
    ema: { decay: 0.9, start: 3 },
    evaluateEvery: 6,
    checkpointEvery: 4,
    threads: 1,
  },
}; // 20 steps

/** @param overrides by dotted key */
export async function readSmallConfig(path: string, overrides: Readonly<Record<string, unknown>> = {}): Promise<TrainConfig> {
  return parseConfig(await readFile(path, 'utf8'), path, overrides);
}

export type Carried = {
  readonly events: readonly RunEvent[];
  /** sha256 of the last checkpoint that was written: weights, moments, average. */
  readonly state: string | undefined;
};

type CarryOptions = {
  readonly resume?: boolean;
  readonly from?: string;
  /** Step at which a person stops the run; default: never. */
  readonly stopAt?: number;
  /** Where to keep a copy of the checkpoints as they are at each write. */
  readonly copyTo?: string;
};

/** Carries a run to its end, or to where it is stopped. */
export async function carryOut(folder: string, config: TrainConfig, { stopAt, copyTo, ...resumed }: CarryOptions = {}): Promise<Carried> {
  const stop = new AbortController();
  const events: RunEvent[] = [];
  let state: string | undefined;
  for await (const event of trainRun({ config, folder, signal: stop.signal, ...resumed })) {
    events.push(event);
    if (event.kind === 'step' && event.step === stopAt) stop.abort();
    if (event.kind !== 'checkpoint') continue;
    state = await hashOf(join(checkpointFolder(folder), event.name, 'state.safetensors'));
    if (copyTo) await cp(checkpointFolder(folder), copyTo, { recursive: true });
  }
  return { events, state };
}

/** What must be alike, to the last bit, of two runs that are one: losses, rates, norms, metrics; best weights; what val was answered. */
export async function resultOf(folder: string) {
  const log = (await readFile(join(folder, runFiles.log), 'utf8')).trim().split('\n');
  return {
    log: log.map((line) => {
      const { examplesPerSecond: _, ...entry } = JSON.parse(line) as Record<string, unknown>;
      return entry;
    }),
    weights: await hashOf(join(folder, runFiles.weights)),
    predictions: await readFile(join(folder, runFiles.predictions), 'utf8'),
  };
}

export const hashOf = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
