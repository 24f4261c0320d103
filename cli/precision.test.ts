import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Manifest } from '../models/index.js';
import { startServer } from '../serving/http/start-server.js';
import { tinyTexts, writeTinyRun } from '../test/tiny-run.js';
import { copydesk } from './testing/copydesk.js';

type Told = Pick<Manifest, 'parity' | 'passes' | 'files'> & { readonly folder: string };

let home: string;
let run: string;
let all: Told;
let plain: string;
let data: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-precision-'));
  [run, data] = [join(home, 'run'), join(home, 'texts.jsonl')];
  await writeTinyRun(run);
  await writeFile(data, tinyTexts.map((text, i) => JSON.stringify({ text, label: i % 2 === 0 ? 'clickbait' : 'news' })).join('\n'));
  const written = await copydesk(['export', run, '--to', join(home, 'all'), '--precision', 'fp32,int8,fp16', '--json']);
  expect(written.stderr).toMatch(/int8 is 0\.\d MB, \d+ % of fp32; 100\.00 % of 7 texts answered as by the run, macroF1 \d/);
  all = JSON.parse(written.stdout) as Told;
  plain = (await copydesk(['export', run, '--to', join(home, 'plain')])).stdout.trim();
});
afterAll(() => rm(home, { recursive: true }));

test('export tells what was done to each file and how it compares', () => {
  expect(Object.keys(all.parity)).toEqual(['fp32', 'int8', 'fp16']);
  expect(all.passes?.fp16).toContain('half-floats');
  expect(all.files.map(({ path }) => path)).toEqual(expect.arrayContaining(['onnx/model_quantized.onnx', 'onnx/model_fp16.onnx']));
});

test('a bundle without its run gets the same files, held to labelled texts', async () => {
  const options = ['--precision', 'int8', '--to', join(home, 'extended')];
  const { code, stdout, stderr } = await copydesk(['export', plain, '--on', data, ...options]);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('its fp32 file on 7 texts') });
  expect(stderr).toMatch(/int8 is .* 100\.00 % of 7 texts answered as by its fp32 file/);
  const bytes = (folder: string) => readFile(join(folder, 'onnx/model_quantized.onnx'));
  expect((await bytes(stdout.trim())).equals(await bytes(all.folder))).toBe(true);
});

test('verify runs every file again and tells how near its answers are', async () => {
  const { code, stdout, stderr } = await copydesk(['verify', all.folder, '--json']);
  expect(code).toBe(0);
  for (const precision of ['fp32', 'int8', 'fp16'])
    expect(stderr).toContain(`${precision} answers its recorded texts as it did, logits within`);
  expect(Object.keys((JSON.parse(stdout) as { repeated: object }).repeated)).toEqual(['fp32', 'int8', 'fp16']);
});

test('verify refuses a file whose own record says that it lost too much', async () => {
  const path = join(all.folder, 'copydesk.json');
  const text = await readFile(path, 'utf8');
  const manifest = JSON.parse(text) as { parity: Record<string, { labelAgreement: number }> };
  manifest.parity.int8!.labelAgreement = 0.5;
  await writeFile(path, JSON.stringify(manifest));
  const refused = await copydesk(['verify', all.folder]);
  await writeFile(path, text);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/the int8 model: it answers 50.0 % of the texts/) });
});

test('predict and evaluate run the file that is asked for, and say so where the bundle lacks it', async () => {
  const scores = async (folder: string, precision: string) => {
    const { stdout, stderr } = await copydesk(['predict', folder, data, '--precision', precision]);
    return { scores: stdout.trim().split('\n').map((line) => (JSON.parse(line) as { score: number }).score), stderr }; // biome-ignore format: short
  };
  const [fp32, fp16] = [await scores(all.folder, 'fp32'), await scores(all.folder, 'fp16')];
  expect(fp16.scores).not.toEqual(fp32.scores);
  for (const [i, score] of fp16.scores.entries()) expect(score).toBeCloseTo(fp32.scores[i]!, 2);
  const lacking = await scores(plain, 'fp16');
  expect(lacking.scores).toEqual(fp32.scores);
  expect(lacking.stderr).toMatch(/has no fp16 file, only fp32: fp32 runs/);
  expect((await copydesk(['evaluate', all.folder, data, '--precision', 'auto', '--json'])).code).toBe(0);
});

test.each([
  ['a run, which has no such file', () => ['evaluate', run, data, '--precision', 'int8'], /is a run, which has its weights in fp32 alone/],
  [
    'a precision that there is not',
    () => ['predict', all.folder, data, '--precision', 'fp8'],
    /Allowed choices are fp32, int8, fp16, auto/,
  ],
  [
    'a bundle with nothing to hold its files to',
    () => ['export', plain, '--to', home],
    /is a bundle, and .* Fix: give labelled texts with --on/,
  ],
  ['texts for a run, which has its own', () => ['export', run, '--to', home, '--on', data], /--on: .* a run has val texts of its own/],
  [
    'a layer that there is not',
    () => ['export', run, '--to', home, '--precision', 'int8', '--keep-fp32', 'nothing'],
    /no layer is called "nothing"/,
  ],
])('%s is refused', async (_what, args, message) => {
  expect(await copydesk(args())).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
});

test('a server runs the file that it is told to, says which, and warns where a bundle lacks it', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  for (const [models, precision, runs] of [
    [join(home, 'all'), 'auto', 'int8'],
    [join(home, 'all'), 'fp16', 'fp16'],
    [join(home, 'plain'), 'int8', 'fp32'],
  ] as const) {
    const server = await startServer({ models: [models], port: 0, workers: 1, precision }, log);
    try {
      const told = (await (await fetch(new URL('/models', server.url))).json()) as { models: readonly { precision: string }[] };
      expect(told.models.map((model) => model.precision)).toEqual([runs]);
      const answer = await fetch(new URL('/classify', server.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: tinyTexts[0] }),
      });
      expect(answer.status).toBe(200);
    } finally {
      await server.close();
    }
  }
  expect(lines.filter((line) => /has no int8 file, only fp32/.test(line))).toHaveLength(1);
});
