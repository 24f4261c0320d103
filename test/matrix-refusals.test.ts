/** @file What cannot be trained, through the command line: what is wrong and the fix, the exit code, and nothing half-written. Odd data that can be. */
import { access, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copydesk } from './copydesk.js';
import { finishedRun, type Overrides, writeMatrixData } from './matrix-run.js';

let home: string;
let run: string;
const tiny = { layers: 1, width: 16, heads: 2, intermediate: 16, vocabularySize: 200 };
const texts = Array.from({ length: 24 }, (_, i) => ({
  text: `${['rain', 'vote', 'goal'][i % 3]} in the ${['north', 'south'][i % 2]} on day ${i}`,
  label: ['a', 'b'][i % 2]!,
}));

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-refusals-'));
  await writeMatrixData(home);
  run = (await finishedRun(home, 'finished')).folder;
  const config = { name: 'x', data: { train: 'train.jsonl', val: 'val.jsonl' }, model: tiny, text: { maxTokens: 16 }, training: { epochs: 1, batchSize: 8, threads: 1 } }; // biome-ignore format: short
  await writeFile(join(home, 'config.json'), JSON.stringify(config));
  const files: Readonly<Record<string, readonly object[]>> = {
    train: texts,
    val: texts.map(({ text, label }) => ({ text: `${text} again`, label })),
    'one-label': texts.map(({ text }) => ({ text: `${text} again`, label: 'a' })),
    three: texts.map(({ text }, i) => ({ text, label: ['a', 'b', 'c'][i % 3]! })),
    equal: texts.map((row) => ({ ...row, text: 'the same' })),
    two: texts.slice(0, 2),
    pairs: texts.map((row) => ({ ...row, pair: 'another' })),
    values: texts.map(({ text }, i) => ({ text, value: i % 5, entities: ['north'] })),
    constant: texts.map(({ text }) => ({ text: `${text} again`, value: 2 })),
    empty: [],
  };
  for (const [name, rows] of Object.entries(files))
    await writeFile(join(home, `${name}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await writeFile(join(home, 'list.json'), '[]');

  const unfinished = join(home, 'unfinished');
  await mkdir(unfinished);
  await writeFile(join(unfinished, 'log.jsonl'), '');
  await cp(join(home, 'config.json'), join(unfinished, 'config.json'));
  const gpt2 = join(home, 'gpt2');
  await mkdir(gpt2);
  await writeFile(join(gpt2, 'config.json'), JSON.stringify({ model_type: 'gpt2', vocab_size: 50, n_positions: 32, n_embd: 16, n_layer: 1, n_head: 2 })); // biome-ignore format: short
  await cp(join(run, 'tokenizer.json'), join(gpt2, 'tokenizer.json'));
  await cp(join(run, 'best', 'weights.safetensors'), join(gpt2, 'model.safetensors'));
});
afterAll(() => rm(home, { recursive: true }));

const train = (name: string, set: Overrides) => {
  const changes = Object.entries(set).flatMap(([key, value]) => [
    '--set',
    `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);
  return copydesk(['train', join(home, 'config.json'), '--run', join(home, name), ...changes]);
};
const matrix = { 'data.train': 'texts.train.jsonl', 'data.val': 'texts.val.jsonl' };
const pairs = { 'data.train': 'pairs.train.jsonl', 'data.val': 'pairs.val.jsonl' };
const taughtBy = (teacher: string, more: Overrides = {}) => ({ ...more, 'objective.distillation': { teacher } });

describe('refused before the first step', () => {
  const refused: readonly (readonly [what: string, set: () => Overrides, code: 1 | 2, message: RegExp])[] = [
    ['val empty', () => ({ 'data.val': 'empty.jsonl' }), 1, /empty\.jsonl: val holds no example, .*Fix: .*take data\.val out/],
    ['val an empty list', () => ({ 'data.val': 'list.json' }), 1, /list\.json: val holds no example/],
    ['a train of two that val is taken from', () => ({ data: { train: 'two.jsonl' } }), 1, /two\.jsonl: 2 examples are too few .* give a val file\./],
    ['pairs in train, single texts in val', () => ({ 'data.train': 'pairs.jsonl' }), 1, /val\.jsonl:1: 24 of 48 rows have no second text/],
    ['the texts of val as unlabelled ones', () => ({ 'data.unlabelled': 'val.jsonl' }), 1, /data\.unlabelled: 24 of its texts are also held out.*Fix: take them out/],
    ['consistency on no texts', () => ({ 'data.unlabelled': 'empty.jsonl', 'objective.uda': {} }), 2, /there are no unlabelled texts\. Fix: name a file/],
    ['a teacher of other labels', () => taughtBy(run), 2, /finished knows the labels politics, sport, weather; the data have a, b\. Fix: give a teacher of/],
    ['a teacher of another task', () => taughtBy(run, { ...matrix, 'data.task': 'multi-label', 'data.labels': ['politics', 'sport', 'weather'], }), 2, /finished is single-label, the data are multi-label\. Fix: /],
    ['a teacher of single texts for pairs', () => taughtBy(run, { ...pairs, 'data.fields': { label: 'topic' } }), 2, /finished reads single texts: a pair was given.*Fix: give a teacher that/],
    ['a teacher that is not there', () => taughtBy('nowhere'), 2, /objective\.distillation\.teacher: \S+nowhere is neither a run nor a bundle\. Fix: give the folder of a finished run/],
    ['a teacher that has not finished', () => taughtBy('unfinished'), 1, /unfinished: this run is not finished.* Fix: go on with it: copydesk train/],
    ['ENDEF without names', () => ({ model: { kind: 'endef', content: tiny } }), 2, /model\.kind is endef, and no text of train has entities.* Fix: give each row "entities"/],
    ['gates over one value', () => ({ 'data.train': 'values.jsonl', 'data.val': 'constant.jsonl', model: { kind: 'endef', content: tiny, fusion: 'learned' } }), 2, /learned fusion of one logit.* Fix: set fusion to "fixed"/],
    ['names to mask where there are none', () => ({ 'augmentation.entities': {} }), 2, /augmentation\.entities is on, and no text of train has entities/],
    ['pairs to swap where there are none', () => ({ 'augmentation.swapPair': {} }), 2, /augmentation\.swapPair is for pairs, but train has single texts/],
    ['two passes that cannot differ, of a BiGRU', () => ({ model: { kind: 'bigru', dropout: 0 }, 'objective.rDrop': {} }), 2, /objective\.rDrop: without dropout both passes are the same/],
    ['a language model to classify with', () => ({ model: { pretrained: 'gpt2' } }), 2, /model\.kind is bert, \S+gpt2 holds gpt2\. Fix: give the weights of a bert\./],
    ['a metric that has no value on val', () => ({ 'data.val': 'one-label.jsonl', 'training.metric': 'auc' }), 2, /auc has no value on val, where all 24 texts are labelled alike\. Fix: /],
    ['a correlation with a constant', () => ({ 'data.train': 'values.jsonl', 'data.val': 'constant.jsonl', 'training.metric': 'pearson' }), 2, /pearson has no value on val/],
  ]; // biome-ignore format: a table

  test.each(refused)('%s', async (what, set, code, message) => {
    const folder = `refused ${what}`;
    const { stderr, stdout, ...ended } = await train(folder, set());
    expect({ ...ended, stdout }).toEqual({ code, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    await expect(access(join(home, folder))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('odd, said, and trained all the same: figures that have no value are dashes', () => {
  const accepted: readonly (readonly [what: string, set: Overrides, warning: RegExp, figures: RegExp])[] = [
    ['val of one label', { 'data.val': 'one-label.jsonl' }, /warning: val is "a" throughout/, /^val \(step \d, macroF1 [01]\.\d{4}\)/],
    ['a label that val lacks', { 'data.train': 'three.jsonl' }, /warning: val has no example of "c"/, /^val /],
    ['texts that are all the same', { 'data.train': 'equal.jsonl' }, /warning: 1 text has more than one label/, /^val /],
    ['two texts to train on', { 'data.train': 'two.jsonl' }, /^2 texts to train on, 24 to choose by/m, /^val \(step 1,/],
    ['a test of no text', { 'data.test': 'list.json' }, /warning: test holds no example/, /\ntest +macro F1 - +accuracy -\n/],
    ['values of val that are all the same', { 'data.train': 'values.jsonl', 'data.val': 'constant.jsonl' }, /regression/, /^val .* Pearson - +Spearman - /],
    [
      'a label that train lacks, weighed by how often it comes',
      { 'data.labels': ['a', 'b', 'c'], 'objective.loss': { kind: 'cross-entropy', classWeights: 'balanced' }, 'data.sampling': 'oversample' },
      /warning: train has no example of "c": it cannot be learned/,
      /^val /,
    ],
  ]; // biome-ignore format: a table

  test.each(accepted)('%s', async (what, set, warning, figures) => {
    const { code, stdout, stderr } = await train(what, set);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(figures) });
    expect(stderr).toMatch(warning);
    const said = [stdout, await readFile(join(home, what, 'report.html'), 'utf8'), await readFile(join(home, what, 'run.json'), 'utf8')];
    for (const text of said) expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(await copydesk(['export', join(home, what), '--to', join(home, 'bundles', what)])).toMatchObject({ code: 0 });
  });
});
