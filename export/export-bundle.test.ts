import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyBundle } from '../models/bundle/node.js';
import { checkProbes, createClassifier, storedAt, toVerdict } from '../models/index.js';
import { readRun } from '../models/run/node.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { tinyTexts, writeTinyRun } from '../test/tiny-run.js';
import { exportBundle } from './index.js';
import { checkParity, measureParity } from './parity.js';

let home: string;
let run: string;
let to: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-export-'));
  [run, to] = [join(home, 'run'), join(home, 'models')];
  await writeTinyRun(run, { license: 'Apache-2.0', notice: 'Written for a test.' });
});
afterEach(() => rm(home, { recursive: true }));

test('a run becomes a verified bundle with its labels, policy, figures and parity', async () => {
  const { folder } = await exportBundle({ run, to });
  const { manifest } = await verifyBundle(folder);
  expect(folder).toBe(join(to, 'tiny', manifest.version));
  const { run: record } = await readRun(run);
  for (const key of ['name', 'created', 'labels', 'activation', 'temperature', 'policy', 'text', 'data', 'license', 'notice'] as const) {
    expect(manifest[key]).toEqual(record[key]);
  }
  expect(manifest.metrics).toMatchObject(record.metrics);
  const { scoreCounts = {} } = manifest.metrics.val as { scoreCounts?: Record<string, number[]> };
  expect(Object.keys(scoreCounts)).toEqual(manifest.labels);
  for (const counts of Object.values(scoreCounts)) expect(counts.reduce((sum, count) => sum + count, 0)).toBe(tinyTexts.length);
  const model = manifest.files.find(({ path }) => path === 'onnx/model.onnx');
  expect(manifest.version).toBe(model?.sha256.slice(0, 12));
  expect(manifest.parity.fp32).toMatchObject({ texts: tinyTexts.length, labelAgreement: 1, tolerance: 1e-4 });
  expect(manifest.parity.fp32?.maxLogitDifference).toBeGreaterThan(0);
});

test('the bundle answers with the logits that the run recorded, in any batch', async () => {
  const { manifest, modelBytes, tokenizerJson } = await exportBundle({ run, to });
  const session = await createSession(await modelBytes());
  const classifier = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), maxTokens: manifest.text.maxTokens });
  const recorded = await (await readRun(run)).predictions();
  const together = await classifier.logits(tinyTexts, { overheadTokens: 1e6 });
  for (const [i, text] of tinyTexts.entries()) {
    const alone = await classifier.logits([text]);
    for (const label of [0, 1]) {
      expect(alone.logits[0]![label]).toBeCloseTo(recorded[i]!.logits[label]!, 4);
      expect(Math.abs(alone.logits[0]![label]! - together.logits[i]![label]!)).toBeLessThan(1e-5);
    }
    expect(toVerdict(manifest, together.logits[i]!, together.truncated[i]).truncated).toBe(i === 6 ? true : undefined);
  }
});

test('the bundle carries texts with its answers, and says so when it no longer gives them', async () => {
  const { manifest, modelBytes, tokenizerJson, probes } = await exportBundle({ run, to });
  const recorded = (await probes())!;
  expect(recorded.logits.fp32).toHaveLength(recorded.texts.length);
  const session = await createSession(await modelBytes());
  const classifier = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), ...manifest.text });
  expect(await checkProbes(classifier, recorded, manifest, 'fp32')).toBeLessThan(1e-6);
  const other = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), ...manifest.text, maxTokens: 4 });
  await expect(checkProbes(other, recorded, manifest, 'fp32')).rejects.toThrow(/answers its recorded texts otherwise/);
  await session.dispose();
});

test('beside the model lies its explain graph, which reads its weights there', async () => {
  const { folder, manifest, modelBytes } = await exportBundle({ run, to });
  const weight = 'bert.embeddings.word_embeddings.weight';
  expect(manifest.explain).toBe('onnx/explain.onnx');
  const graph = await readFile(join(folder, 'onnx', 'explain.onnx'));
  expect([storedAt(await modelBytes()).has(weight), storedAt(graph).has(weight)]).toEqual([true, false]);
  const session = await createSession(join(folder, 'onnx', 'explain.onnx'));
  expect(session.outputNames).toEqual(['strength', 'attributions']);
  await session.dispose();
});

test('exporting twice gives the same bundle', async () => {
  const first = await exportBundle({ run, to });
  const before = await readFile(join(first.folder, 'copydesk.json'), 'utf8');
  const second = await exportBundle({ run, to });
  expect(second.folder).toBe(first.folder);
  expect(await readFile(join(first.folder, 'copydesk.json'), 'utf8')).toBe(before);
});

test('config.json and the model card name the labels', async () => {
  const { folder } = await exportBundle({ run, to });
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  expect(config).toMatchObject({
    model_type: 'bert',
    architectures: ['BertForSequenceClassification'],
    hidden_size: 16,
    num_hidden_layers: 2,
    id2label: { 0: 'clickbait', 1: 'news' },
    label2id: { clickbait: 0, news: 1 },
    problem_type: 'single_label_classification',
  });
  const card = await readFile(join(folder, 'README.md'), 'utf8');
  for (const part of ['**clickbait**', '| clickbait | 0.4 | 0.8 |', '| val | 0.5 | 0.5 |', 'license: "apache-2.0"', 'Written for a test.'])
    expect(card).toContain(part);
});

test('a file that does not answer as the run did is not written', async () => {
  const path = join(run, 'predictions/val.jsonl');
  const [first, ...others] = (await readFile(path, 'utf8')).split('\n');
  const { logits, ...rest } = JSON.parse(first!) as { logits: number[] };
  await writeFile(path, [JSON.stringify({ ...rest, logits: logits.map((logit) => logit + 2e-4) }), ...others].join('\n'));
  await expect(exportBundle({ run, to })).rejects.toMatchObject({
    code: 'bundle/parity',
    message: expect.stringMatching(/differ by up to/),
  });
  await expect(readFile(to)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a precision that there is not is refused before anything is read', async () => {
  await expect(exportBundle({ run: 'nowhere', to, precision: ['fp32', 'int88'] })).rejects.toThrow(
    /"int88" is not a precision. Fix: did you mean int8/,
  );
});

test('every file that is asked for is written beside fp32, with its parity, its passes and its answers', async () => {
  const { folder, manifest, probes } = await exportBundle({ run, to, precision: ['fp16', 'int8'] });
  expect(manifest.models).toEqual({ fp32: 'onnx/model.onnx', int8: 'onnx/model_quantized.onnx', fp16: 'onnx/model_fp16.onnx' });
  expect(Object.keys((await probes())!.logits).sort()).toEqual(['fp16', 'fp32', 'int8']);
  expect(manifest.passes?.fp16).toContain('half-floats');
  for (const precision of ['int8', 'fp16']) {
    expect(manifest.parity[precision]).toMatchObject({ texts: tinyTexts.length, labelAgreement: 1, accuracy: { figure: 'macroF1', leastAgreement: 0.99 } }); // biome-ignore format: one thought
  }
  await verifyBundle(folder);
  const plain = await exportBundle({ run, to: join(home, 'plain') });
  expect(plain.manifest.version).toBe(manifest.version);
});

test('weights that do not fit the architecture are named', async () => {
  const path = join(run, 'run.json');
  const record = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...record, architecture: { ...record.architecture, layers: 3 } }));
  await expect(exportBundle({ run, to })).rejects.toThrow(/its weights lack bert.encoder.layer.2/);
  await writeFile(path, JSON.stringify({ ...record, architecture: { ...record.architecture, layers: 1 } }));
  await expect(exportBundle({ run, to })).rejects.toThrow(/has no place for bert.encoder.layer.1/);
  await writeFile(path, JSON.stringify({ ...record, architecture: { ...record.architecture, intermediate: 64 } }));
  await expect(exportBundle({ run, to })).rejects.toThrow(/intermediate.dense.weight is \[32,16\], not \[64,16\]/);
});

const rules = { labels: ['a', 'b'], activation: 'softmax', temperature: 1 } as const;
const answering = (...rows: number[][]) => ({ logits: async () => ({ logits: rows.map((row) => Float32Array.from(row)), truncated: [] }) });

test('parity: a text that gets another label is counted, and not-a-number never passes', async () => {
  const predictions = [{ text: 'x', target: [1, 0], logits: [0.00001, 0] }];
  const check = async (classifier: ReturnType<typeof answering>) =>
    checkParity('fp32', await measureParity('fp32', { classifier, rules: { ...rules, labels: [...rules.labels] }, predictions }));
  await expect(check(answering([0, 0.00001]))).rejects.toThrow(/1 of 1 val texts get another label/);
  await expect(check(answering([Number.NaN, 0]))).rejects.toMatchObject({ code: 'bundle/parity' });
  await expect(measureParity('fp32', { classifier: answering(), rules: { ...rules, labels: [...rules.labels] }, predictions: [] })).rejects.toThrow(/no val texts/); // biome-ignore format: one thought
});

test('parity: a file that rounds may move logits, but not answers nor figures', async () => {
  const predictions = Array.from({ length: 100 }, (_, i) => ({ text: `${i}`, target: [1, 0], logits: [1, 0] }));
  const rows = (wrong: number) => predictions.map((_, i) => (i < wrong ? [0, 1] : [1.4, 0]));
  const of = async (wrong: number) => {
    const parity = await measureParity('int8', {
      classifier: answering(...rows(wrong)),
      rules: { ...rules, labels: [...rules.labels] },
      predictions,
    });
    checkParity('int8', parity);
    return parity;
  };
  expect((await of(0)).maxLogitDifference).toBeCloseTo(0.4, 6);
  await expect(of(2)).rejects.toThrow(/answers 98.0 % of the texts as the trained model does, not 99.0 %/);
});
