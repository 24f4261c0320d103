/** @file Several labels and values on the whole way: from a file, through training, report and export, to figures and verdicts. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copydesk } from '../cli/testing/copydesk.js';

const words = ['harbour', 'budget', 'storm', 'vote', 'bridge', 'school', 'market', 'river'];
const count = 150;
/** By the words that a text holds: nothing but words tells what is right. */
const texts = Array.from({ length: count }, (_, i) => `${words[i % 8]} and ${words[(i * 3 + 1) % 7]} on day ${i % 9}`);
const has = (text: string, ...some: readonly string[]) => some.some((word) => text.includes(word));

const tasks = {
  'multi-label': {
    rows: texts.map((text) => ({
      text,
      labels: [...(has(text, 'storm', 'river') ? ['weather'] : []), ...(has(text, 'vote', 'budget') ? ['politics'] : [])],
    })),
    figures: ['macroF1', 'microF1', 'accuracy', 'auc', 'ece'],
    verdict: { labels: expect.any(Array), scores: { politics: expect.any(Number), weather: expect.any(Number) } },
    run: { activation: 'sigmoid', thresholds: { politics: expect.any(Number), weather: expect.any(Number) } },
    table: /^label +precision +recall +F1 +AUC +from +texts$/m,
    card: 'Gives a text any of the labels **politics**, **weather**, or none.',
    broken: { row: { text: 'a', labels: ['politcs'] }, message: /:1: the model has no label "politcs"\. Fix: did you mean "politics"/ },
  },
  regression: {
    rows: texts.map((text) => ({
      text,
      value: 20 + (has(text, 'storm') ? 6 : 0) + (has(text, 'river') ? 3 : 0) - (has(text, 'vote') ? 4 : 0),
    })),
    figures: ['pearson', 'spearman', 'mse', 'mae'],
    verdict: { value: expect.any(Number), values: { value: expect.any(Number) }, decision: 'publish', threshold: null },
    run: { activation: 'none', temperature: 1, policy: { labels: {} } },
    table: /^Pearson +-?[01]\.\d{4}$/m,
    card: 'Gives a text a value: **value**.',
    broken: { row: { text: 'a', value: [1, 2] }, message: /:1: value holds 2 numbers; the model gives 1: value/ },
  },
} as const;

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-tasks-'));
});
afterAll(() => rm(home, { recursive: true }));

describe.each(Object.entries(tasks))('%s', (name, { rows, figures, verdict, run, table, card, broken }) => {
  const at = (...path: string[]) => join(home, name, ...path);
  let bundle: string;

  beforeAll(async () => {
    await write('train.jsonl', rows.slice(0, 110));
    await write('val.jsonl', rows.slice(110));
    const config = {
      name: 'mine',
      data: { train: 'train.jsonl', val: 'val.jsonl' },
      model: { width: 16, layers: 1, heads: 2, intermediate: 32, vocabularySize: 120 },
      text: { maxTokens: 16 },
      training: { epochs: 4, learningRate: 5e-3 },
    };
    await writeFile(at('config.json'), JSON.stringify(config));
    expect(await copydesk(['train', at('config.json'), '--run', at('run')])).toMatchObject({ code: 0 });
    bundle = (await copydesk(['export', at('run'), '--to', at('bundles')])).stdout.trim();
  });

  test('the run says what its logits are, and what it gets most wrong', async () => {
    expect(JSON.parse(await readFile(at('run', 'run.json'), 'utf8'))).toMatchObject({
      ...run,
      text: { input: 'single' },
      metrics: { val: { task: name } },
    });
    const hard = (await readFile(at('run', 'predictions', 'hard.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line)); // biome-ignore format: one line
    expect(hard[0]).toMatchObject({ position: expect.any(Number), loss: expect.any(Number) });
    expect(rows[110 + hard[0].position - 1]!.text).toBe(hard[0].text);
    expect(await readFile(at('run', 'report.html'), 'utf8')).not.toMatch(/NaN|undefined/);
  });

  test('run and bundle have the same figures, those that the run recorded; for a person a table', async () => {
    const ofRun = await copydesk(['evaluate', at('run'), at('val.jsonl'), '--json']);
    expect(ofRun.stdout).toBe((await copydesk(['evaluate', bundle, at('val.jsonl'), '--json'])).stdout);
    const recorded = JSON.parse(await readFile(at('run', 'run.json'), 'utf8')).metrics.val;
    const measured = JSON.parse(ofRun.stdout);
    for (const figure of figures) expect(measured[figure]).toBeCloseTo(recorded[figure], 4);
    expect((await copydesk(['evaluate', bundle, at('val.jsonl')])).stdout).toMatch(table);
    expect(await copydesk(['verify', bundle, '--data', at('val.jsonl')])).toMatchObject({ code: 0 });
    expect(await readFile(join(bundle, 'README.md'), 'utf8')).toContain(card);
  });

  test('predict gives verdicts of its kind', async () => {
    const { stdout } = await copydesk(['predict', bundle, at('val.jsonl')]);
    const verdicts = stdout.trim().split('\n').map((line) => JSON.parse(line)); // biome-ignore format: one line
    expect(verdicts).toHaveLength(40);
    for (const one of verdicts) expect(one).toMatchObject(verdict);
  });

  test('a row that the model cannot be measured on is named with its line', async () => {
    await write('broken.jsonl', [broken.row]);
    expect(await copydesk(['evaluate', bundle, at('broken.jsonl')])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(broken.message),
    });
  });

  test('a pair is refused, with its line, by evaluate and by predict', async () => {
    await write('pairs.jsonl', [{ ...rows[0], pair: 'another' }]);
    for (const verb of ['evaluate', 'predict']) {
      const { code, stdout, stderr } = await copydesk([verb, bundle, at('pairs.jsonl')]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/pairs\.jsonl:1: a pair was given to a model of single texts\. Fix: leave "pair" out/);
    }
  });

  async function write(file: string, some: readonly object[]): Promise<void> {
    await mkdir(at(), { recursive: true });
    await writeFile(at(file), some.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
});
