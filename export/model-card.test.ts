import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Manifest } from '../models/index.js';
import { pythonTest, runPython } from '../test/python.js';
import { modelCard } from './model-card.js';

const manifest: Omit<Manifest, 'files'> = {
  format: 'copydesk-bundle',
  schemaVersion: 1,
  name: 'comments',
  version: 'abc123',
  created: '2026-01-02T03:04:05.000Z',
  architecture: { kind: 'bert' },
  labels: ['ok', 'rude'],
  activation: 'softmax',
  temperature: 1.25,
  policy: { labels: { rude: { review: 0.4, block: null } } },
  text: { maxTokens: 64, input: 'single', pairs: 'as-given' },
  models: { fp32: 'onnx/model.onnx', int8: 'onnx/model_quantized.onnx' },
  parity: {
    fp32: { texts: 900, maxLogitDifference: 2e-6, labelAgreement: 1, tolerance: 1e-4 },
    int8: {
      texts: 900,
      maxLogitDifference: 0.031,
      labelAgreement: 0.9955,
      tolerance: 1e-3,
      accuracy: { figure: 'macro F1', trained: 0.91, exported: 0.909, mostLost: 0.005, leastAgreement: 0.99 },
    },
  },
  metrics: {
    val: {
      macroF1: 0.91,
      accuracy: 0.92,
      perClass: {
        ok: { precision: 0.9, recall: 0.95, f1: 0.924, support: 800 },
        rude: { precision: null, recall: 0.8, f1: 0.85, support: 12 },
      },
    },
  },
  data: { fingerprint: { val: 'f00d' }, examples: { val: 812 } },
  license: 'Apache-2.0',
};
const section = (card: string, title: string): string => card.split(`\n## ${title}\n`)[1]!.split('\n## ')[0]!;

test('a card tells what for, how well, on which label, and how large and how faithful each file is', () => {
  const card = modelCard(manifest, { 'onnx/model.onnx': 12_300_000, 'onnx/model_quantized.onnx': 3_100_000 });
  const titles = [...card.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  expect(titles).toEqual(['Intended use', 'Figures', 'Decisions', 'Limits', 'Files', 'Use', 'Details', 'License']);
  expect(section(card, 'Figures')).toContain('| rude | – | 0.8 | 0.85 | 12 |');
  expect(section(card, 'Files').trim().split('\n').slice(2)).toEqual([
    '| fp32 | `onnx/model.onnx` | 12.3 MB | logits within 2.0e-6 on 900 texts, all answered alike |',
    '| int8 | `onnx/model_quantized.onnx` | 3.1 MB | logits within 3.1e-2 on 900 texts, 99.55 % answered alike, macro F1 0.909 where it was 0.91 |',
  ]);
  for (const part of ['at most 64 tokens', 'rude (12)', 'blocks “never”', 'flatter it a little'])
    expect(section(card, 'Limits')).toContain(part);
  expect(section(card, 'Limits')).not.toMatch(/ok \(800\)|trained elsewhere|not calibrated/);
  for (const part of ["dtype`: 'fp32', 'q8'", 'ORTModelForSequenceClassification', '--target triton', 'copydesk predict comments/abc123'])
    expect(section(card, 'Use')).toContain(part);
});

test('of a model that was brought in without labelled texts it says that nothing is known', () => {
  const card = modelCard({
    ...manifest,
    temperature: 1,
    metrics: {},
    policy: { labels: {} },
    data: { fingerprint: {}, examples: {} },
    origin: { modelType: 'roberta', weights: 'a'.repeat(64) },
  });
  expect(card).toContain('brought in from a roberta that was trained elsewhere');
  expect(section(card, 'Figures')).toContain('None: it was brought in without labelled texts');
  expect(section(card, 'Limits')).toMatch(/trained elsewhere, as a roberta[\s\S]*were not calibrated/);
  expect(section(card, 'Details')).toMatch(/temperature 1, which is not fitted[\s\S]*sha256 `a{64}`/);
  expect(card).not.toContain('fitted on val');
});

const licensed = (license: string) => modelCard({ ...manifest, license }).split('---')[1]!;
test('a license that the hub does not list goes by its name', () => {
  expect(licensed('MIT')).toContain('license: "mit"');
  expect(licensed('House rules: "2"')).toContain('license: "other"\nlicense_name: "House rules: \\"2\\""');
});

pythonTest('the hub’s own library reads the metadata', ['huggingface_hub', 'yaml'], async () => {
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-card-'));
  try {
    const path = join(folder, 'README.md');
    await writeFile(path, modelCard({ ...manifest, license: 'House rules: "2"' }));
    expect(await runPython('model_card.py', path)).toEqual({
      pipeline_tag: 'text-classification',
      library_name: 'transformers.js',
      tags: ['copydesk', 'onnx', 'text-classification', 'content-moderation', 'int8'],
      metrics: ['f1', 'accuracy'],
      license: 'other',
      license_name: 'House rules: "2"',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
