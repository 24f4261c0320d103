import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultEpochs, defaultRate, trainConfigSchema } from './config.js';
import { leavesOf } from './schema-keys.js';

test('docs/config.md names every key of the config, and no other', () => {
  const page = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([\w.]+)` *\|/gm)].map(([, key]) => key!);
  // A model inside a model has the keys of its kind, which stand there already.
  const keys = leavesOf(trainConfigSchema).map((key) => key.replace(/^(model\.(?:content|encoder))\..*/, '$1'));
  expect(documented.sort()).toEqual([...new Set(keys)].sort());
});

test.each([
  [16, 1e-3],
  [128, 1e-3],
  [256, 1.5e-4],
  [384, 5e-5],
  [1024, 5e-5],
])('pre-trained weights %d wide: %d', (width, rate) => {
  expect(defaultRate(width) / rate).toBeCloseTo(1, 1);
});

test('few texts are passed over more often, up to a bound', () => {
  const pretrained = { model: trainConfigSchema.shape.model.parse({ pretrained: 'minilm' }) };
  const scratch = { model: trainConfigSchema.shape.model.parse({}) };
  expect([1, 10, 50, 201, 700].map((steps) => defaultEpochs(pretrained, steps))).toEqual([20, 20, 6, 3, 3]);
  expect([10, 100, 201, 700].map((steps) => defaultEpochs(scratch, steps))).toEqual([30, 15, 8, 5]);
});
