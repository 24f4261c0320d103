import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { StepProfile } from './profile.js';

async function profile<T>(...args: readonly string[]): Promise<T> {
  const script = ['--import', 'tsx', 'training/bench/profile.ts', '--case', '1x32', '--batch', '4x16', '--steps', '2', '--json', ...args];
  const env = { ...process.env, COPYDESK_PYTHON: '/nowhere/python' };
  const { stdout } = await promisify(execFile)(process.execPath, script, { cwd: fileURLToPath(new URL('../..', import.meta.url)), env });
  return JSON.parse(stdout) as T;
}

test('a step is told by its parts, and those in the runtime by node', async () => {
  const [one] = await profile<[StepProfile]>('--dropout', '0.1');
  expect(Object.keys(one.parts).sort()).toEqual(['collect', 'masks', 'norm', 'run', 'update']);
  expect(one.nodes.filter(({ pass }) => pass === 'backward').length).toBeGreaterThan(20);
  expect(one.nodes.map(({ place }) => place)).toContain('bert.encoder.layer.0.attention.self');
  expect(one.nodes.reduce((sum, { ms }) => sum + ms, 0)).toBeGreaterThan(0);
});

test('peak memory has a row for held and for recomputed activations, whose losses are the same', async () => {
  type Row = { side: string; peakMB: number; losses: number[] };
  const [{ rows }] = await profile<[{ rows: [Row, Row] }]>('--memory');
  expect(rows.map(({ side }) => side)).toEqual(['activations held', 'activations recomputed']);
  expect(rows[0].losses).toHaveLength(2);
  rows[0].losses.forEach((loss, i) => {
    expect(rows[1].losses[i]).toBeCloseTo(loss, 6);
  });
  expect(Math.min(...rows.map(({ peakMB }) => peakMB))).toBeGreaterThan(20);
});
