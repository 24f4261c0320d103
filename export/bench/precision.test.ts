/** @file The benchmark runs to its end in its quick form. What it measures is for a quiet machine. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageFolder } from '../../models/bundle/node.js';
import type { PrecisionRow } from './measure-bundle.js';

test('each file of a bundle: what it weighs, how it answers beside fp32 and how fast, without ratios where there are too few rounds', async () => {
  const data = ['--data', 'headlines-en=examples/headlines.val.jsonl'];
  const script = ['--import', 'tsx', 'export/bench/precision.ts', 'models/zoo/headlines-en', ...data, '--quick', '--json'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, script, { cwd: packageFolder() });
  expect(stderr).toMatch(/cores, \d+ GiB; Node \d+/);
  const rows = JSON.parse(stdout.trim().split('\n').at(-1)!) as PrecisionRow[];
  expect(rows.map(({ precision }) => precision)).toEqual(['fp32', 'int8']);
  for (const { figure, agreement, share, rates } of rows) {
    expect(figure).toBeGreaterThan(0.9);
    expect(agreement).toBeGreaterThan(0.9);
    expect(share).toBeLessThanOrEqual(1);
    expect(rates.map(({ batch, ratio, spread }) => [batch, ratio, spread])).toEqual([1, 8, 32].map((batch) => [batch, null, null]));
    for (const { textsPerSecond } of rates) expect(textsPerSecond).toBeGreaterThan(0);
  }
}, 60_000);
