import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { goldenPath } from '../test/golden.js';
import { copydesk } from './testing/copydesk.js';

const roberta = goldenPath('classifiers/roberta');
const rows = [
  ['The council voted to repair the old bridge before winter.', 'ok'],
  ['Nobody asked for your opinion, go home.', 'rude'],
  ['WIN a holiday now!!! Click here', 'spam'],
  ['rain', 'ok'],
];

let home: string;
let data: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-cli-import-'));
  data = join(home, 'ours.csv');
  await writeFile(data, ['comment,label', ...rows.map(([text, label]) => `"${text}",${label}`)].join('\n'));
});
afterEach(() => rm(home, { recursive: true }));

test('a model from elsewhere is calibrated on a file with its own names, verified, asked, and laid out for Triton', async () => {
  const to = join(home, 'bundles');
  const options = [
    '--calibrate',
    data,
    '--fields',
    'text=comment',
    '--rename',
    'ok=fine',
    '--hold',
    'spam',
    '--name',
    'ours',
    '--license',
    'MIT',
  ];
  const { code, stdout, stderr } = await copydesk(['import', roberta, '--to', to, ...options]);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/roberta, 3 labels[\s\S]*calibrating on 4 texts[\s\S]*held back for spam/)]);
  const folder = stdout.trim();
  const manifest = JSON.parse(await readFile(join(folder, 'copydesk.json'), 'utf8'));
  expect(manifest).toMatchObject({
    name: 'ours',
    license: 'MIT',
    data: { rename: { ok: 'fine' } },
    policy: { labels: { spam: { block: null } } },
  });

  expect((await copydesk(['verify', folder])).stdout).toMatch(/^ok ours@/);
  const figures = JSON.parse((await copydesk(['evaluate', folder, data, '--fields', 'text=comment', '--json'])).stdout);
  expect(figures.macroF1).toBeCloseTo(manifest.metrics.val.macroF1, 6);
  const verdict = JSON.parse((await copydesk(['predict', folder], { stdin: '{"text":"rain"}\n' })).stdout);
  expect(Object.keys(verdict.scores)).toEqual(['fine', 'rude', 'spam']);

  const repository = join(home, 'repository');
  const triton = await copydesk(['export', folder, '--target', 'triton', '--to', repository, '--json']);
  expect(JSON.parse(triton.stdout)).toMatchObject({
    model: 'ours_ensemble',
    folders: [expect.any(String), join(repository, 'ours'), expect.any(String)],
  });
  const absent = await copydesk(['export', folder, '--target', 'triton', '--to', repository, '--precision', 'int8']);
  expect([absent.code, absent.stderr]).toEqual([2, expect.stringMatching(/--precision int8: the bundle has fp32/)]);
});

test('without labelled texts it says so, and what it prints can be read by a program', async () => {
  const { code, stdout, stderr } = await copydesk(['import', roberta, '--to', home, '--json']);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/not calibrated.*--calibrate names labelled texts/)]);
  expect(JSON.parse(stdout)).toMatchObject({
    name: 'roberta',
    labels: ['fine', 'rude', 'spam'],
    metrics: {},
    folder: expect.stringContaining(join(home, 'roberta')),
  });
});

test.each([
  [['--calibrate', 'DATA', '--fields', 'text=comment'], 1, /ours\.csv:2: the model has no label "ok"/],
  [
    ['--calibrate', 'DATA', '--fields', 'text=comment', '--rename', 'ok=fine', '--hold', 'spma'],
    2,
    /--hold: the model has no label "spma"/,
  ],
  [['--calibrate', 'DATA', '--rename', 'ok'], 2, /--rename: "ok" renames nothing/],
  [['--max-tokens', 'many'], 2, /--max-tokens: "many" is no number of tokens/],
  [['--task', 'ranking'], 2, /Allowed choices are single-label/],
])('wrongly asked: %j', async (options, code, message) => {
  const said = await copydesk(['import', roberta, '--to', home, ...options.map((one) => (one === 'DATA' ? data : one))]);
  expect([said.code, said.stdout, said.stderr]).toEqual([code, '', expect.stringMatching(message)]);
});
