import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tensor } from '../runtime/session.js';
import { isRun, type RunContents, readRun, writeRun } from './node.js';

const contents: RunContents = {
  run: {
    name: 'headlines',
    created: '2026-01-02T03:04:05.000Z',
    architecture: { kind: 'bert', width: 8 },
    labels: ['clickbait', 'news'],
    activation: 'softmax',
    temperature: 1.25,
    policy: { labels: { clickbait: { review: 0.5, block: 0.9 } } },
    text: { maxTokens: 32, input: 'single', pairs: 'as-given' },
    data: { fingerprint: { train: 'aa', val: 'bb' }, examples: { train: 10, val: 1 } },
    metrics: { val: { macroF1: 0.9, accuracy: 0.91 } },
    best: { step: 40, metric: 'macroF1', value: 0.9 },
  },
  weights: new Map<string, Tensor>([['classifier.bias', { type: 'float32', dims: [2], data: Float32Array.of(1, 2) }]]),
  tokenizerJson: '{}',
  tokenizerConfig: '{}',
  predictions: [{ text: 'You will not believe it', target: [1, 0], logits: [1.5, -0.25] }],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-run-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a run is read back as it was written', async () => {
  await writeRun(folder, contents);
  const { run, weights, predictions, tokenizerJson } = await readRun(folder);
  expect(run).toMatchObject(contents.run);
  expect(await weights()).toEqual(contents.weights);
  expect(await predictions()).toEqual(contents.predictions);
  expect(tokenizerJson).toBe('{}');
  expect(await isRun(folder)).toBe(true);
});

test('a folder that is no run says so', async () => {
  expect(await isRun(folder)).toBe(false);
  await expect(readRun(folder)).rejects.toMatchObject({ code: 'training/run', message: expect.stringContaining('this is not a run') });
});

test('an unfinished run says how to go on with it', async () => {
  await writeFile(join(folder, 'config.json'), '{}');
  await writeFile(join(folder, 'log.jsonl'), '');
  expect(await isRun(folder)).toBe(true);
  await expect(readRun(folder)).rejects.toThrow(/not finished.*copydesk train .*config.json --run .* --resume/);
});

test('weights that were changed are not used', async () => {
  await writeRun(folder, contents);
  const path = join(folder, 'best/weights.safetensors');
  const bytes = await readFile(path);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(path, bytes);
  const { weights } = await readRun(folder);
  await expect(weights()).rejects.toThrow(/best\/weights.safetensors has the sha256/);
  await rm(path);
  await expect(weights()).rejects.toThrow(/best\/weights.safetensors is missing/);
});

test('a prediction that does not fit the labels is named by its line', async () => {
  await writeRun(folder, { ...contents, predictions: [...contents.predictions, { text: 'x', target: [0, 1], logits: [1] }] });
  await expect((await readRun(folder)).predictions()).rejects.toThrow(/val.jsonl:2: the run is damaged/);
});

test('a record of a newer version, or a broken one, is refused', async () => {
  await writeRun(folder, contents);
  const path = join(folder, 'run.json');
  const record = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...record, schemaVersion: 2 }));
  await expect(readRun(folder)).rejects.toThrow(/version 2 of the run format/);
  await writeFile(path, JSON.stringify({ ...record, temperature: 0 }));
  await expect(readRun(folder)).rejects.toThrow(/temperature/);
  await writeFile(path, '{');
  await expect(readRun(folder)).rejects.toThrow(/it is not JSON/);
});
