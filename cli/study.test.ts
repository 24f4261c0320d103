/** @file Studies, comparisons and ablations from the command line, on runs of a second. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copydesk } from './testing/copydesk.js';

let home: string;
let config: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-cli-study-'));
  config = join(home, 'small.json');
  const rows = Array.from({ length: 48 }, (_, i) =>
    i % 2 === 0
      ? { text: `${i} things that bakers never tell you`, label: 'clickbait', time: 1000 * i }
      : { text: `Council votes on bridge ${i} in the rain`, label: 'news', time: 1000 * i },
  );
  await writeFile(join(home, 'train.jsonl'), rows.slice(0, 36).map((row) => `${JSON.stringify(row)}\n`).join('')); // biome-ignore format: short
  await writeFile(join(home, 'val.jsonl'), rows.slice(36).map((row) => `${JSON.stringify(row)}\n`).join('')); // biome-ignore format: short
  await writeFile(
    config,
    JSON.stringify({
      name: 'small',
      data: { train: 'train.jsonl', val: 'val.jsonl' },
      model: { layers: 1, width: 16, heads: 2, intermediate: 16, vocabularySize: 120 },
      text: { maxTokens: 16 },
      training: { epochs: 1, batchSize: 12, threads: 1, ema: { decay: 0.5 } },
    }),
  );
});
afterAll(() => rm(home, { recursive: true }));

describe('study, then compare', () => {
  test('seeds: a table for people, JSON for programs, nothing repeated', async () => {
    const to = join(home, 'seeds');
    const first = await copydesk(['study', config, '--seeds', '1,2', '--to', to]);
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('seed-2 (2 of 2)\n') });
    expect(first.stdout).toMatch(/^2 runs +mean +deviation +least +most +95 % interval\nval macro F1 +0\.\d{4} +0\.\d{4}/);
    expect(first.stdout).toMatch(/page: .*study\.html\n$/);
    const again = await copydesk(['study', config, '--seeds', '1,2', '--to', to, '--json']);
    expect(again.stderr).toContain('seed-1 (1 of 2): finished before');
    expect(JSON.parse(again.stdout)).toMatchObject({
      kind: 'seeds',
      folder: to,
      runs: [{ name: 'seed-1' }, { name: 'seed-2' }],
      failed: [],
    });
  });

  test('folds by time: each learns from what is older', async () => {
    const to = join(home, 'folds');
    const { stdout, stderr } = await copydesk(['study', config, '--folds', '2', '--by', 'time', '--to', to, '--json']);
    expect(stderr).toContain('48 texts dealt by time');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'folds', by: 'time', runs: [{ name: 'fold-1' }, { name: 'fold-2' }] });
    const times = async (name: string) =>
      (await readFile(join(to, 'folds', name), 'utf8')).trim().split('\n').map((line) => JSON.parse(line).time as number); // biome-ignore format: short
    expect(Math.max(...(await times('fold-2-train.jsonl')))).toBeLessThan(Math.min(...(await times('fold-2-val.jsonl'))));
  });

  test('compare: a study counts as one against a run, with a sentence; --json has the same', async () => {
    const other = join(home, 'other');
    await copydesk(['train', config, '--run', other, '--set', 'training.learningRate=0.02']);
    const { code, stdout } = await copydesk(['compare', join(home, 'seeds'), other, '--examples', '1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^12 texts, 95 % intervals\n/);
    expect(stdout).toMatch(/seeds \(2 seeds\)/);
    expect(stdout).toMatch(/is better than|is worse than|cannot be told apart/);
    expect(stdout).toContain('training.learningRate: 0.001 | 0.02');
    const json = JSON.parse((await copydesk(['compare', join(home, 'seeds'), other, '--json'])).stdout);
    expect(stdout).toContain(json.against[0].sentence);
  });

  test('compare --on: runs and bundles on labelled texts, by what they answer there', async () => {
    const runs = [join(home, 'seeds', 'seed-1'), join(home, 'other')];
    const val = JSON.parse((await copydesk(['compare', ...runs, '--json'])).stdout);
    const on = JSON.parse((await copydesk(['compare', ...runs, '--on', join(home, 'val.jsonl'), '--json'])).stdout);
    expect(on.against[0].differences.macroF1).toEqual(val.against[0].differences.macroF1);
    const bundle = (await copydesk(['export', runs[1]!, '--to', join(home, 'bundles')])).stdout.trim();
    const both = await copydesk(['compare', runs[1]!, bundle, '--on', join(home, 'train.jsonl'), '--json']);
    expect(JSON.parse(both.stdout).against[0]).toMatchObject({ changes: { same: 36 }, differences: { accuracy: { difference: 0 } } });
    expect(await copydesk(['compare', runs[1]!, bundle])).toMatchObject({ code: 2, stderr: expect.stringContaining('--on FILE') });
  });

  test('compare: other val texts are refused', async () => {
    const runs = ['fold-1', 'fold-2'].map((name) => join(home, 'folds', name));
    expect(await copydesk(['compare', ...runs])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/their val texts are not the same .*Fix: give labelled texts for both with --on FILE/),
    });
  });
});

test('ablate: a line a trick, JSON, and the same command goes on', async () => {
  const args = ['ablate', config, '--only', 'ema,optimizer.clip', '--to', join(home, 'ablation')];
  const { code, stdout, stderr } = await copydesk(args);
  expect(code).toBe(0);
  expect(stderr).toContain('3 runs below');
  expect(stdout).toMatch(
    /^macro F1 of full: 0\.\d{4}\ntrick +worth +time +95 % interval\ntraining\.ema +\S+ +x \d+\.\d\d .*(helps|harms|may be chance)\n/,
  );
  const json = JSON.parse((await copydesk([...args, '--json'])).stdout);
  expect(json.rows).toMatchObject([{ key: 'training.ema', sentence: expect.any(String) }, { key: 'training.optimizer.clip' }]);
  expect(await readdir(join(home, 'ablation'))).toEqual(
    expect.arrayContaining(['ablation.html', 'ablation.json', 'full', 'without-training.ema']),
  );
});

test('a study that is told to stop stops with a checkpoint and 1, and the same command goes on with it', async () => {
  const args = ['study', config, '--seeds', '1,2', '--to', join(home, 'stopped'), '--set', 'training.epochs=40'];
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args]);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (!said.includes('seed-1') && chunk.includes('seed-1')) child.kill('SIGTERM');
    said += chunk.toString();
  });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
  expect(said).toMatch(/stopping after this step, with a checkpoint/);
  expect(said).toMatch(/stopped\. The same command goes on with it; what is finished is not repeated\.\n$/);
  const { code, stderr } = await copydesk(args);
  expect(code).toBe(0);
  expect(stderr).toContain('seed-1 (1 of 2): going on\n');
});

describe('what cannot be is refused with 2 and the way to do it', () => {
  test.each([
    ['neither seeds nor folds', ['study', 'CONFIG'], /a study needs --seeds or --folds, one of them\. Fix: write --seeds 1,2,3/],
    ['both', ['study', 'CONFIG', '--seeds', '1', '--folds', '2'], /one of them/],
    ['one fold', ['study', 'CONFIG', '--folds', '1'], /--folds: "1" is no whole number from 2 on/],
    ['a seed twice', ['study', 'CONFIG', '--seeds', '1,1'], /--seeds: 1,1 has a number twice/],
    ['seeds that are no numbers', ['study', 'CONFIG', '--seeds', 'a,b'], /--seeds: "a" is no whole number/],
    ['an unknown way to deal', ['study', 'CONFIG', '--folds', '2', '--by', 'luck'], /--by luck: .*label, random, group, time/],
    ['dealing without folds', ['study', 'CONFIG', '--seeds', '1', '--by', 'time'], /--by: there are no folds/],
    ['a config that is not there', ['study', 'nowhere.json', '--seeds', '1'], /nowhere\.json: cannot be read/],
    ['an unknown key', ['ablate', 'CONFIG', '--set', 'training.epoch=1'], /unknown key training\.epoch.*training\.epochs/],
    ['an unknown trick', ['ablate', 'CONFIG', '--only', 'rdrop'], /no trick rdrop\. Fix: did you mean rDrop/],
    ['a trick that is off', ['ablate', 'CONFIG', '--only', 'rDrop'], /objective\.rDrop: the config does not turn it on.*--add/],
    ['one run', ['compare', 'runs/a', 'runs/a'], /one run by itself/],
    ['examples that are no number', ['compare', 'a', 'b', '--examples', 'x'], /--examples x: no whole number/],
  ])('%s', async (_what, args, message) => {
    const { code, stdout, stderr } = await copydesk(args.map((arg) => (arg === 'CONFIG' ? config : arg)));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test.each(['study', 'compare', 'ablate', 'predict'])('%s --help teaches by example', async (verb) => {
    const { code, stdout, stderr } = await copydesk([verb, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\$ .*copydesk/);
    expect(stdout).toContain('--');
  });
});
