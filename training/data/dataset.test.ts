import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataSchema } from './data-config.js';
import { loadDataset } from './dataset.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-dataset-'));
  const write = (name: string, rows: readonly (readonly [text: string, label: string])[]) =>
    writeFile(join(folder, name), rows.map(([text, label]) => JSON.stringify({ text, label })).join('\n'));
  const many = (count: number, word: string, label: string) => Array.from({ length: count }, (_, i) => [`${word} ${i}`, label] as const);
  await write('train.jsonl', [...many(40, 'storm', 'news'), ...many(60, 'wow', 'clickbait')]);
  await write('val.jsonl', [...many(4, 'flood', 'news'), ...many(6, 'oops', 'clickbait')]);
  await write('overlap.jsonl', [['storm 1', 'news'], ['storm  2 ', 'clickbait'], ['new', 'news'], ['new', 'news']]); // biome-ignore format: one table
  await write('only-news.jsonl', many(5, 'frost', 'news'));
  await write('typo.jsonl', [['a', 'news'], ['b', 'clickbiat']]); // biome-ignore format: one table
  await write('stranger.jsonl', [['a', 'sport']]);
  await write('two.jsonl', [['a', 'news'], ['b', 'clickbait']]); // biome-ignore format: one table
});
afterAll(() => rm(folder, { recursive: true }));

const load = (config: Record<string, unknown>) => loadDataset(dataSchema.parse(config), folder);

test('labels are sorted, unless the config orders them', async () => {
  const dataset = await load({ train: 'train.jsonl', val: 'val.jsonl' });
  expect(dataset.labels).toEqual(['clickbait', 'news']);
  expect(dataset.splits.train[0]).toEqual({ text: 'storm 0', target: [0, 1] });
  const ordered = await load({ train: 'train.jsonl', val: 'val.jsonl', labels: ['news', 'clickbait'] });
  expect(ordered.labels).toEqual(['news', 'clickbait']);
  expect(ordered.splits.train[0]).toEqual({ text: 'storm 0', target: [1, 0] });
});

test('without val a tenth of each label is set aside, the same for the same seed', async () => {
  const once = await load({ train: 'train.jsonl' });
  expect(once.splits.train).toHaveLength(90);
  expect(once.splits.val.filter(({ target }) => target[0] === 1)).toHaveLength(6);
  expect(once.splits.val.filter(({ target }) => target[1] === 1)).toHaveLength(4);
  expect((await load({ train: 'train.jsonl' })).splits).toEqual(once.splits);
  const other = await load({ train: 'train.jsonl', split: { val: 0.1, seed: 2 } });
  expect(other.splits.val).not.toEqual(once.splits.val);
});

test('the fingerprint of each split is that of its labelled texts', async () => {
  const { fingerprint } = await load({ train: 'train.jsonl', val: 'val.jsonl', test: 'overlap.jsonl' });
  expect(Object.keys(fingerprint)).toEqual(['train', 'val', 'test']);
  expect(new Set(Object.values(fingerprint)).size).toBe(3);
  expect((await load({ train: 'train.jsonl', val: 'val.jsonl', labels: ['news', 'clickbait'] })).fingerprint.val).toBe(fingerprint.val);
});

test('duplicates, contradictions and absent labels are counted', async () => {
  const { warnings } = await load({ train: 'train.jsonl', val: 'overlap.jsonl', test: 'only-news.jsonl' });
  expect(warnings.map(({ kind, count, message }) => [kind, count, message])).toEqual([
    ['duplicates-across-splits', 2, '2 examples of val (of 4) are also in train: figures on val flatter the model.'],
    ['duplicates-within-split', 1, '1 example of val (of 4) is a repetition of an earlier text.'],
    ['contradictory-labels', 1, '1 text has more than one label.'],
    ['label-absent', 1, 'test has no example of "clickbait": nothing is measured for it.'],
    ['one-class', 5, 'test is "news" throughout: a model that always says so scores best there, and AUC has no value.'],
  ]);
  expect((await load({ train: 'train.jsonl', val: 'val.jsonl' })).warnings).toEqual([]);
});

test('labels that differ in case or spaces alone are learnt apart, and told', async () => {
  const names = ['Fake', 'real', 'fake ', 'not-sure', 'Not sure'];
  const rows = names.flatMap((label) => ['one', 'two', 'three'].map((text) => `${JSON.stringify({ text: `${text} ${label}`, label })}\n`));
  await writeFile(join(folder, 'alike.jsonl'), rows.join(''));
  const { warnings, labels } = await load({ train: 'alike.jsonl', val: 'alike.jsonl' });
  expect(labels).toEqual(['Fake', 'Not sure', 'fake', 'not-sure', 'real']);
  expect(warnings.filter(({ kind }) => kind === 'labels-alike').map(({ message }) => message)).toEqual([
    'Labels "Fake" and "fake" are learnt apart; if they are one, say so: "data": {"rename": {"fake": "Fake"}}.',
    'Labels "Not sure" and "not-sure" are learnt apart; if they are one, say so: "data": {"rename": {"not-sure": "Not sure"}}.',
  ]);
});

test.each([
  [
    'one class only',
    { train: 'only-news.jsonl', val: 'val.jsonl', labels: ['news', 'clickbait'] },
    /one class only: every example is "news"\. Fix:/,
  ],
  [
    'an unknown label that is nearly a known one',
    { train: 'train.jsonl', val: 'typo.jsonl' },
    /typo\.jsonl:2: unknown label "clickbiat" \(1 such rows\); train has clickbait, news\. Fix: did you mean "clickbait"/,
  ],
  [
    'an unknown label',
    { train: 'train.jsonl', val: 'stranger.jsonl' },
    /stranger\.jsonl:1: unknown label "sport".*Fix: correct the row, or add examples of it to train/,
  ],
  [
    'a label that the config leaves out',
    { train: 'train.jsonl', labels: ['news', 'other'] },
    /train\.jsonl:41: unknown label "clickbait" \(60 such rows\); the config has news, other\. Fix:/,
  ],
  ['too few to set any aside', { train: 'two.jsonl', split: {} }, /2 examples are too few to set 10 % aside: val is empty\. Fix:/],
  ['a missing file', { train: 'train.json' }, /no such file; .* holds .*train\.jsonl.*Fix: did you mean train\.jsonl\?/],
])('refused: %s', async (_name, config, message) => {
  await expect(load(config)).rejects.toThrow(message);
});

test('the config refuses val together with split, and keys it does not know', () => {
  expect(() => dataSchema.parse({ train: 'a.jsonl', val: 'b.jsonl', split: {} })).toThrow(/not both/);
  expect(() => dataSchema.parse({ train: 'a.jsonl', valid: 'b.jsonl' })).toThrow(/valid/);
});
