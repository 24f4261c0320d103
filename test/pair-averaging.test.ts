/** @file Pairs read in both orders: what was trained, what is exported and what is served give the same scores. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportBundle } from '../export/index.js';
import { type Bundle, readBundle } from '../models/bundle/node.js';
import { createClassifier, type LabelVerdict, type Prediction, toVerdict } from '../models/index.js';
import { readRun } from '../models/run/node.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { startServer } from '../serving/index.js';
import { parseConfig, trainRun } from '../training/index.js';

let home: string;
let bundle: Bundle;
let trained: readonly Prediction[];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-pairs-'));
  const words = ['pay', 'borrow', 'limit', 'card', 'late', 'fee', 'repay', 'close'];
  const rows = Array.from({ length: 160 }, (_, i) => {
    const [a, b] = [words[i % 8]!, words[(i * 5 + (i % 3)) % 8]!];
    return { text: `how do I ${a} it`, pair: `can I ${b} this ${a}`, label: a === b ? 'same' : 'different' };
  });
  const write = (name: string, some: readonly object[]) =>
    writeFile(join(home, name), some.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await write('train.jsonl', rows.slice(0, 120));
  await write('val.jsonl', rows.slice(120));
  const config = {
    name: 'questions',
    data: { train: 'train.jsonl', val: 'val.jsonl', pairs: 'both-orders' },
    model: { width: 16, layers: 1, heads: 2, intermediate: 32, vocabularySize: 120 },
    text: { maxTokens: 24 },
    training: { epochs: 2, learningRate: 3e-3 },
  };
  const run = join(home, 'run');
  const kinds: string[] = [];
  for await (const { kind } of trainRun({ config: parseConfig(JSON.stringify(config), join(home, 'config.json')), folder: run }))
    kinds.push(kind);
  expect(kinds.at(-1)).toBe('finished');
  trained = await (await readRun(run)).predictions();
  bundle = await exportBundle({ run, to: join(home, 'bundles') });
});
afterAll(() => rm(home, { recursive: true }));

test('the bundle says that it reads pairs, in both orders', async () => {
  expect((await readBundle(bundle.folder)).manifest.text).toEqual({ maxTokens: 24, input: 'pair', pairs: 'both-orders' });
});

test('trained, exported and served: the same within 1e-6, whichever text comes first', async () => {
  const { manifest, modelPath, tokenizerJson } = bundle;
  const pairs = trained.map(({ text, pair }) => [text, pair!] as const);
  const session = await createSession(modelPath());
  const classifier = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), ...manifest.text });
  const { logits: local } = await classifier.logits(pairs);
  const { logits: swapped } = await classifier.logits(pairs.map(([text, pair]) => [pair, text] as const));
  const server = await startServer({ models: [join(home, 'bundles')], port: 0, workers: 1, page: '/nowhere', logLevel: 'silent' });
  const served = async (texts: readonly { readonly text: string; readonly pair: string }[]) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${server.url}/classify`, { method: 'POST', headers, body: JSON.stringify({ texts }) });
    return ((await response.json()) as { results: LabelVerdict[] }).results;
  };
  const there = await served(pairs.map(([text, pair]) => ({ text, pair })));
  const thereSwapped = await served(pairs.map(([text, pair]) => ({ text: pair, pair: text })));
  await server.close();
  await session.dispose();

  for (const [i, prediction] of trained.entries()) {
    const verdict = toVerdict(manifest, prediction.logits) as LabelVerdict;
    const others = [local[i]!, swapped[i]!].map((row) => toVerdict(manifest, row) as LabelVerdict);
    for (const other of [...others, there[i]!, thereSwapped[i]!]) {
      expect({ ...other, score: 0, scores: 0 }).toEqual({ ...verdict, score: 0, scores: 0 });
      for (const label of manifest.labels) expect(Math.abs(other.scores[label]! - verdict.scores[label]!)).toBeLessThan(1e-6);
    }
  }
});

test('read once, the order would matter', async () => {
  const { modelPath, tokenizerJson } = bundle;
  const session = await createSession(modelPath());
  const once = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), maxTokens: 24 });
  const { text, pair } = trained[0]!;
  const { logits } = await once.logits([[text, pair!], [pair!, text]]); // biome-ignore format: two orders
  await session.dispose();
  expect(Math.abs(logits[0]![0]! - logits[1]![0]!)).toBeGreaterThan(1e-4);
});
