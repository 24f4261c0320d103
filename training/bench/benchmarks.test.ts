/** @file Every benchmark of this folder runs to its end in its quick form. What they measure is for a quiet machine. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Comparison } from '../../models/bench/node.js';
import { trainConfig } from './finetune-sides.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function quick(name: string, ...args: readonly string[]): Promise<{ rows: Comparison[]; said: string }> {
  const script = ['--import', 'tsx', `training/bench/${name}.ts`, '--quick', '--json', ...args];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, script, { cwd: root });
  return { rows: JSON.parse(stdout.trim().split('\n').at(-1)!) as Comparison[], said: stderr };
}

test.each([
  ['train', ['--peer', 'none', '--engine', 'onnx'], 'ms/step'],
  ['optimizer', [], 'ms/step'],
  ['finetune', ['--peer', 'none'], 's'],
])('%s: rows with times and without ratios, after a line that says where', async (name, args, unit) => {
  const { rows, said } = await quick(name, ...args);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    expect(row).toMatchObject({ unit, ratio: null });
    expect(row.ours).toBeGreaterThan(0);
  }
  expect(said).toMatch(/cores, \d+ GiB; Node \d+/);
});

test('curves: points with their time, memory and share of the limit', async () => {
  const { rows, said } = await quick('curves');
  expect(rows).toHaveLength(4);
  for (const row of rows) expect(row).toMatchObject({ ms: expect.any(Number), peakMB: expect.any(Number), ofLimit: expect.any(Number) });
  expect(said).toMatch(/the best product: \d+ GFLOP\/s; memory: [\d.]+ GB\/s/);
});

test('an argument that none of them has is named, with those that there are', async () => {
  await expect(quick('train', '--peer', 'jax')).rejects.toThrow(
    /there is no peer "jax". Fix: give some of pytorch, compile, tfjs, or none/,
  );
  await expect(quick('finetune', '--data', 'nameless')).rejects.toThrow(/--data "nameless". Fix: write NAME=FOLDER/);
});

test('frozen layers are those below, and the embeddings', () => {
  const settings = { epochs: 1, batchSize: 32, maxTokens: 64, learningRate: 1e-4, frozen: 2, set: [] };
  const { training } = trainConfig(settings, { name: 'a', train: 't', val: 'v' }, 1) as { training: { trainOnly: string[] } };
  const [pattern] = training.trainOnly.map((one) => new RegExp(one));
  const names = [
    'embeddings.LayerNorm.bias',
    'encoder.layer.0.x',
    'encoder.layer.1.x',
    'encoder.layer.2.x',
    'encoder.layer.11.x',
    'classifier.bias',
  ];
  expect(names.filter((name) => pattern!.test(name))).toEqual(names.slice(3));
  expect(names.filter((name) => pattern!.test(`bert.${name}`))).toEqual(names.slice(3));
});
