/** @file Every verb on models that are no BERT: ENDEF over a BiGRU, and a BiGRU of several labels. What the verbs do is tested beside them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copydesk } from './copydesk.js';
import { writeMatrixData } from './matrix-run.js';

const bigru = { kind: 'bigru', vocabularySize: 200, width: 16, hidden: 8, layers: 1 };
const models = {
  'single-label': { kind: 'endef', content: bigru, entity: { kernels: [1, 2], channels: 4, mlp: [8] } },
  'multi-label': bigru,
};

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-commands-'));
  await writeMatrixData(home);
});
afterAll(() => rm(home, { recursive: true }));

describe.each(Object.entries(models))('%s', (task, model) => {
  const at = (...path: readonly string[]) => join(home, task, ...path);
  const val = () => join(home, 'texts.val.jsonl');
  let config: string;
  let bundle: string;
  beforeAll(async () => {
    config = join(home, `${task}.json`);
    const data = { task, train: 'texts.train.jsonl', val: 'texts.val.jsonl' };
    const training = { epochs: 6, batchSize: 8, learningRate: 0.02, threads: 1 };
    await writeFile(config, JSON.stringify({ name: task, data, model, text: { maxTokens: 24 }, augmentation: { entities: {} }, training }));
    expect(await copydesk(['train', config, '--run', at('run')])).toMatchObject({ code: 0 });
    bundle = (await copydesk(['export', at('run'), '--to', at('bundles')])).stdout.trim();
  });

  test('evaluate and verify: run and bundle have the figures that training recorded', async () => {
    const ofRun = await copydesk(['evaluate', at('run'), val(), '--json']);
    expect(ofRun).toMatchObject({ code: 0, stdout: (await copydesk(['evaluate', bundle, val(), '--json'])).stdout });
    const { macroF1, examples } = JSON.parse(ofRun.stdout);
    expect(examples).toBe(16);
    expect(macroF1).toBeCloseTo(JSON.parse(await readFile(at('run', 'run.json'), 'utf8')).metrics.val.macroF1, 6);
    expect(await copydesk(['verify', bundle, '--data', val()])).toMatchObject({ code: 0 });
  });

  test('predict: no names are asked for, and the same answers come from run and bundle', async () => {
    const texts = (await readFile(val(), 'utf8')).trim().split('\n').map((line) => JSON.stringify({ text: JSON.parse(line).text })); // biome-ignore format: one line
    const [ofBundle, ofRun] = [await copydesk(['predict', bundle], { input: texts.join('\n') }), await copydesk(['predict', at('run')], { input: texts.join('\n') })]; // biome-ignore format: both
    const verdicts = (stdout: string) => stdout.trim().split('\n').map((line) => ({ ...JSON.parse(line), version: '' })); // biome-ignore format: one line
    expect(ofBundle.code).toBe(0);
    expect(verdicts(ofBundle.stdout)).toHaveLength(16);
    expect(verdicts(ofBundle.stdout)).toEqual(verdicts(ofRun.stdout));
  });

  test('audit --model: how its answers change with the names of the texts', async () => {
    const { stdout, code } = await copydesk(['audit', val(), '--model', bundle, '--json', '--html', at('audit.html')]);
    expect(code).toBeLessThan(2);
    expect(JSON.parse(stdout).model).toMatchObject({
      labels: ['politics', 'sport', 'weather'].slice(task === 'multi-label' ? 1 : 0),
      texts: expect.any(Number),
    });
    expect(await readFile(at('audit.html'), 'utf8')).not.toMatch(/NaN|undefined/);
  });

  test('study over folds: names, renamed labels, fields of other names and a test file go into every fold', async () => {
    const rows = (await readFile(join(home, 'texts.train.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line)); // biome-ignore format: one line
    const strange = rows.map(({ text, label, labels, entities }) => ({ headline: text, topic: label, topics: labels, names: entities }));
    const write = async (name: string, some: readonly object[]) => {
      await writeFile(at(name), some.map((row) => `${JSON.stringify(row)}\n`).join(''));
      return at(name);
    };
    const label = task === 'multi-label' ? { labels: 'topics' } : { label: 'topic' };
    const data = {
      task,
      train: await write('strange.jsonl', strange.slice(0, 30)),
      test: await write('strange-test.jsonl', strange.slice(30)),
      fields: { text: 'headline', entities: 'names', ...label },
      rename: { weather: 'rain' },
    };
    const given = ['--folds', '2', '--set', `data=${JSON.stringify(data)}`, '--set', 'training.epochs=1'];
    const study = await copydesk(['study', config, ...given, '--to', at('folds'), '--json']);
    expect({ code: study.code, failed: JSON.parse(study.stdout).failed }).toEqual({ code: 0, failed: [] });
    for (const fold of ['fold-1', 'fold-2']) {
      const { labels, metrics, data: of } = JSON.parse(await readFile(at('folds', fold, 'run.json'), 'utf8'));
      expect(labels).toEqual(task === 'multi-label' ? ['rain', 'sport'] : ['politics', 'rain', 'sport']);
      expect(of.examples.train + of.examples.val).toBe(30);
      expect(metrics.test.examples).toBe(11);
    }
  });

  test('study, compare and ablate: every run is one of this kind', async () => {
    const short = ['--set', 'training.epochs=1'];
    const study = await copydesk(['study', config, '--seeds', '1,2', '--to', at('seeds'), '--json', ...short]);
    expect({ code: study.code, failed: JSON.parse(study.stdout).failed }).toEqual({ code: 0, failed: [] });
    const compared = await copydesk(['compare', at('seeds'), at('run'), '--json']);
    expect(JSON.parse(compared.stdout).against[0].sentence).toMatch(/is better than|is worse than|cannot be told apart/);
    const on = await copydesk(['compare', at('run'), bundle, '--on', val(), '--json']);
    expect(JSON.parse(on.stdout).against[0]).toMatchObject({ differences: { macroF1: { difference: 0 } } });
    const ablation = await copydesk(['ablate', config, '--only', 'augmentation.entities', '--to', at('ablation'), '--json', ...short]);
    expect(ablation.code).toBe(0);
    expect(JSON.parse(ablation.stdout).rows).toMatchObject([{ key: 'augmentation.entities', sentence: expect.any(String) }]);
  });
});

test('a model whose labels were renamed is measured on the files as they are', async () => {
  const config = join(home, 'renamed.json');
  const data = { train: 'texts.train.jsonl', val: 'texts.val.jsonl', rename: { politics: 'public', weather: 'public' } };
  const training = { epochs: 2, batchSize: 8, threads: 1 };
  await writeFile(config, JSON.stringify({ name: 'renamed', data, model: bigru, text: { maxTokens: 24 }, training }));
  const run = join(home, 'renamed');
  expect(await copydesk(['train', config, '--run', run])).toMatchObject({ code: 0 });
  const bundle = (await copydesk(['export', run, '--to', join(home, 'bundles')])).stdout.trim();
  const { stdout } = await copydesk(['evaluate', run, join(home, 'texts.val.jsonl'), '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ labels: ['public', 'sport'], examples: 16 });
  expect(JSON.parse(stdout).macroF1).toBeCloseTo(JSON.parse(await readFile(join(run, 'run.json'), 'utf8')).metrics.val.macroF1, 6);
  expect((await copydesk(['evaluate', bundle, join(home, 'texts.val.jsonl'), '--json'])).stdout).toBe(stdout);
});
