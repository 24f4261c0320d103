/** @file Data sets of every kind: several labels, values, pairs, unlabelled texts, empty splits. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DataInput, dataSchema, mapPaths } from './data-config.js';
import { loadDataset } from './dataset.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-kinds-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Rows = Readonly<Record<string, readonly object[]>>;
async function load(files: Rows, config: Partial<DataInput> = {}) {
  for (const [name, rows] of Object.entries(files))
    await writeFile(join(folder, `${name}.jsonl`), rows.map((row) => JSON.stringify(row)).join('\n'));
  const paths = Object.fromEntries(Object.keys(files).map((name) => [name, `${name}.jsonl`]));
  return loadDataset({ ...paths, ...config } as DataInput, folder);
}
const many = <T extends object>(count: number, row: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => row(i));
const labelled = many(40, (i) => ({ text: `text ${i}`, label: i % 2 ? 'news' : 'clickbait' }));
const some = labelled.slice(0, 4).map((row, i) => ({ ...row, text: `other ${i}` }));

describe('tasks', () => {
  test('several labels a text: a 1 for each, none for none; what the fields say is said', async () => {
    const train = many(20, (i) => ({ text: `t${i}`, labels: i === 0 ? [] : i % 2 ? ['sport'] : ['sport', 'local'] }));
    const { task, labels, splits, warnings } = await load({ train, val: [{ text: 'v', labels: ['local'] }] });
    expect([task, labels]).toEqual(['multi-label', ['local', 'sport']]);
    expect(splits.train.slice(0, 3).map(({ target }) => target)).toEqual([[0, 0], [0, 1], [1, 1]]); // biome-ignore format: short
    expect(warnings.map(({ kind, message }) => [kind, message])).toEqual([
      ['task-inferred', 'data.task is not set; by the fields of train it is multi-label.'],
      ['label-absent', 'val has no example of "sport": nothing is measured for it.'],
    ]);
  });

  test('values: one is called value, several by the config', async () => {
    const one = await load({ train: many(20, (i) => ({ text: `t${i}`, value: i / 4 })) }, { split: { val: 0.2 } });
    expect([one.task, one.labels, one.splits.val.length]).toEqual(['regression', ['value'], 4]);
    expect(one.splits.train[0]!.target).toHaveLength(1);
    const train = many(4, (i) => ({ text: `t${i}`, value: [i, -i] }));
    const two = await load({ train, val: train.slice(0, 1) }, { labels: ['joy', 'anger'] });
    expect(two.splits.train[3]!.target).toEqual([3, -3]);
    await expect(load({ train, val: train })).rejects.toThrow(/train\.jsonl:1: value holds 2 numbers.*Fix: name them in data\.labels/);
    await expect(load({ train, val: [{ text: 'v', value: 1 }] }, { labels: ['joy', 'anger'] })).rejects.toThrow(
      /val\.jsonl:1: value holds 1 number, where there are 2: joy, anger\. Fix:/,
    );
  });

  test('columns are the labels, in their order, those that no text has too; under the names that data.rename gives', async () => {
    const train = many(20, (i) => ({ text: `t${i}`, toxic: i % 2, threat: 0, insult: Number(i % 3 === 0) }));
    const fields = { labels: ['toxic', 'threat', 'insult'] };
    const { task, labels, splits, warnings } = await load({ train, val: train.slice(0, 3) }, { fields });
    expect([task, labels]).toEqual(['multi-label', ['toxic', 'threat', 'insult']]);
    expect(splits.train.slice(0, 4).map(({ target }) => target)).toEqual([[0, 0, 1], [1, 0, 0], [0, 0, 0], [1, 0, 1]]); // biome-ignore format: short
    expect(warnings.map(({ message }) => message)).toContainEqual(expect.stringMatching(/no example of "threat"/));
    const renamed = await load({ train, val: train.slice(0, 3) }, { fields, rename: { insult: 'toxic' } });
    expect(renamed.labels).toEqual(['toxic', 'threat']);
  });

  test('columns of values are their names; another order of names is refused, as it would swap them', async () => {
    const train = many(20, (i) => ({ text: `t${i}`, anger: i, joy: -i }));
    const config = { fields: { value: ['anger', 'joy'] } };
    const { task, labels, splits } = await load({ train, val: train.slice(0, 3) }, config);
    expect([task, labels, splits.train[2]!.target]).toEqual(['regression', ['anger', 'joy'], [2, -2]]);
    await expect(load({ train, val: train }, { ...config, labels: ['joy', 'anger'] })).rejects.toThrow(
      /in another order\. Fix: take data\.labels out/,
    );
    expect((await load({ train, val: train.slice(0, 3) }, { ...config, labels: ['wrath', 'mirth'] })).labels).toEqual(['wrath', 'mirth']);
  });

  test('nothing to learn is refused', async () => {
    const val = some;
    await expect(load({ train: many(5, (i) => ({ text: `t${i}`, value: 2 })) })).rejects.toThrow(/every example has the same value\. Fix:/);
    await expect(load({ train: many(5, (i) => ({ text: `t${i}`, labels: [] })) }, { labels: ['a'] })).rejects.toThrow(
      /no example has a label\. Fix:/,
    );
    await expect(load({ train: many(5, (i) => ({ text: `t${i}`, labels: ['a', 'b'] })) })).rejects.toThrow(/the same labels\. Fix:/);
    await expect(load({ train: [], val })).rejects.toThrow(/train\.jsonl: holds no example to train on\. Fix:/);
  });

  test('the same text with other labels, or another value, contradicts itself', async () => {
    const train = [{ text: 'a', labels: ['x', 'y'] }, { text: 'a', labels: ['y', 'x'] }, { text: 'b', labels: ['x'] }, { text: 'b', labels: [] }]; // biome-ignore format: one table
    const { warnings } = await load({ train, val: train.slice(2, 3) });
    expect(warnings.find(({ kind }) => kind === 'contradictory-labels')!.message).toBe('1 text has more than one set of labels.');
  });
});

describe('splits', () => {
  test('test empty: said, and gone on with; val empty: refused', async () => {
    const { splits, warnings } = await load({ train: labelled, val: some, test: [] });
    expect(splits.test).toEqual([]);
    expect(warnings.map(({ message }) => message)).toContain('test holds no example: nothing is measured on it.');
    await expect(load({ train: labelled, val: [] })).rejects.toThrow(
      /val\.jsonl: val holds no example, .*Fix: .*take data\.val out: a part of train is then set aside/,
    );
  });

  test('a label that the config names, but only test has: said, and measured', async () => {
    const { labels, splits, warnings } = await load(
      { train: labelled, val: some, test: [{ text: 'goal', label: 'sport' }] },
      { labels: ['clickbait', 'news', 'sport'] },
    );
    expect(splits.test![0]!.target).toEqual([0, 0, 1]);
    expect(labels).toHaveLength(3);
    expect(warnings.map(({ message }) => message)).toContain('train has no example of "sport": it cannot be learned.');
  });

  test('test is set aside too, by time the newest', async () => {
    const train = labelled.map((row, i) => ({ ...row, time: 1000 - i }));
    const { splits } = await load({ train }, { split: { val: 0.1, test: 0.2, by: 'time' } });
    expect(splits.test!.map(({ time }) => time)).toEqual([1000, 999, 998, 997, 996, 995, 994, 993]);
    expect(splits.val.map(({ time }) => time)).toEqual([992, 991, 990, 989]);
    expect(splits.train).toHaveLength(28);
  });

  test('several files are one split; a fault names its own file', async () => {
    await load({ train: labelled, more: some.map((row) => ({ ...row, extra: 1 })), val: some }, {}).catch(() => {});
    const { splits } = await loadDataset({ train: ['train.jsonl', 'more.jsonl'], val: 'val.jsonl' }, folder);
    expect(splits.train).toHaveLength(44);
    await writeFile(join(folder, 'more.jsonl'), '{"text": "x", "label": "nows"}');
    await expect(
      loadDataset({ train: ['train.jsonl', 'more.jsonl'], val: 'val.jsonl', labels: ['clickbait', 'news'] }, folder),
    ).rejects.toThrow(/more\.jsonl:1: unknown label "nows".*did you mean "news"/);
  });

  test('rows without what the split goes by are named', async () => {
    const train = labelled.map((row, i) => (i === 4 || i === 9 ? row : { ...row, time: i }));
    await expect(load({ train }, { split: { by: 'time' } })).rejects.toThrow(
      /train\.jsonl:5: data\.split\.by is time, but 2 of 40 rows have no time that can be read: lines 5, 10\. Fix:/,
    );
    const one = labelled.map((row) => ({ ...row, group: 'wire' }));
    await expect(load({ train: one }, { split: { by: 'group' } })).rejects.toThrow(
      /by group: val is empty\. Fix: add examples of other groups/,
    );
  });
});

describe('pairs', () => {
  test('pairs among single texts are refused, the fewer of them named', async () => {
    const rows = labelled.map((row, i) => (i === 2 || i === 5 ? row : { ...row, pair: `second ${i}` }));
    await expect(load({ train: rows })).rejects.toThrow(
      /train\.jsonl:3: 2 of 40 rows have no second text, though the others are pairs: lines 3, 6\. Fix: give each row a pair/,
    );
    await expect(load({ train: labelled, val: some.map((row) => ({ ...row, pair: 'p' })) })).rejects.toThrow(
      /val\.jsonl:1: 4 of 44 rows have a second text.*Fix: take pair out/,
    );
  });
});

describe('unlabelled texts', () => {
  const unlabelled = [{ text: 'free 1' }, { text: ' other  2' }, { text: 'other 3', label: 'x' }];

  test('are read without labels and fingerprinted', async () => {
    const dataset = await load({ train: labelled, val: some, unlabelled: unlabelled.slice(0, 1) });
    expect(dataset.unlabelled).toEqual([{ text: 'free 1' }]);
    expect(dataset.fingerprint).toHaveProperty('unlabelled');
    expect(dataset).not.toHaveProperty('transductive');
  });

  test('are refused where they hold texts of val or test, with how many and which', async () => {
    await expect(load({ train: labelled, val: some, unlabelled })).rejects.toThrow(
      /data\.unlabelled: 2 of its texts are also held out \(2 in val, 0 in test\): " other {2}2", "other 3"\. Fix: .*allowTestTexts/,
    );
    const pairs = (rows: readonly object[]) => rows.map((row, i) => ({ ...row, pair: `p${i}` }));
    await expect(
      load({ train: pairs(labelled), val: pairs(some), test: pairs(labelled.slice(5, 9)), unlabelled: [{ text: 'p0', pair: 'text 5' }] }),
    ).rejects.toThrow(/1 of its texts are also held out \(0 in val, 1 in test\): "p0 \| text 5"/);
  });

  test('are taken with them where the config allows it, and then it is written down', async () => {
    const { transductive, warnings } = await load({ train: labelled, val: some, unlabelled }, { allowTestTexts: true });
    expect(transductive).toEqual({ count: 2, val: 2, test: 0 });
    expect(warnings.map(({ kind }) => kind)).toEqual(['test-texts-unlabelled']);
  });
});

describe('names', () => {
  const named = labelled.map((row) => ({ ...row, entities: ['Harbour'] }));

  test('given: those of the file; none: no names', async () => {
    expect((await load({ train: named, val: some })).splits.train[0]!.entities).toEqual(['Harbour']);
    expect((await load({ train: named, val: some }, { entities: 'none' })).splits.train[0]).not.toHaveProperty('entities');
  });

  test('extract: found in the texts, in the language of train', async () => {
    const train = labelled.map((row) => ({ ...row, text: `Barack Obama flew to Texas: ${row.text}` }));
    const { splits, language } = await load({ train, val: some }, { entities: 'extract' });
    expect(language).toBe('en');
    expect(splits.train[0]!.entities).toEqual(['Barack Obama', 'Texas']);
    expect(splits.val[0]!.entities).toEqual([]);
  });

  test('extract is refused where no library knows the language', async () => {
    const train = labelled.map(({ label }, i) => ({ text: `новости дня ${i}`, label }));
    await expect(load({ train }, { entities: 'extract' })).rejects.toThrow(/neither English nor Chinese.*Fix: give the names in the file/);
  });
});

test('the config refuses what cannot be', () => {
  const parse = (config: object) => () => dataSchema.parse({ train: 'a.jsonl', ...config });
  expect(parse({ split: { val: 0.6, test: 0.5 } })).toThrow(/leave nothing to train on/);
  expect(parse({ test: 'b.jsonl', split: { test: 0.1 } })).toThrow(/not both/);
  expect(parse({ labels: ['a', 'a'] })).toThrow(/twice/);
  expect(parse({ train: 5 })).toThrow(/a path, or a list of paths/);
  expect(parse({ train: [] })).toThrow(/train/);
  expect(parse({ fields: { txt: 'a' } })).toThrow(/txt/);
});

test('every path of a config can be changed', () => {
  const config = dataSchema.parse({ train: ['a', 'b'], test: 'c', unlabelled: ['d'] });
  expect(mapPaths(config, (path) => `/data/${path}`)).toEqual({
    ...config,
    train: ['/data/a', '/data/b'],
    test: '/data/c',
    unlabelled: ['/data/d'],
  });
});

describe('labels under other names', () => {
  const grades = many(40, (i) => ({ text: `claim ${i}`, label: ['true', 'half', 'false', 'pants-fire'][i % 4]! }));
  const rename = { 'pants-fire': 'false', half: 'true' };

  test('several become one, in every split', async () => {
    const { labels, splits } = await load({ train: grades, val: [{ text: 'v', label: 'pants-fire' }] }, { rename });
    expect(labels).toEqual(['false', 'true']);
    expect(splits.train.slice(0, 4).map(({ target }) => target[0])).toEqual([0, 0, 1, 1]);
    expect(splits.val[0]!.target).toEqual([1, 0]);
  });

  test('of several labels a text, each once', async () => {
    const train = many(20, (i) => ({ text: `t${i}`, labels: i % 2 ? ['a', 'b'] : ['c'] }));
    const { labels, splits } = await load({ train, val: [{ text: 'v', labels: ['b'] }] }, { rename: { b: 'a' } });
    expect([labels, splits.train[1]!.target, splits.val[0]!.target]).toEqual([
      ['a', 'c'],
      [1, 0],
      [1, 0],
    ]);
  });

  test('a name that no text has is a slip of the pen', async () => {
    const slip = load({ train: grades }, { rename: { 'pant-fire': 'false' } });
    await expect(slip).rejects.toThrow(/data\.rename: no text has the label "pant-fire"\. Fix: did you mean "pants-fire"\?/);
  });
});

describe('votes of annotators', () => {
  const train = many(20, (i) => ({ text: `t${i}`, label: i % 2 ? 'a' : 'b', ...(i < 10 ? { votes: { a: 1, b: 2, c: 1 } } : {}) }));
  const first = async (more: Parameters<typeof load>[1]) =>
    (await load({ train, val: [{ text: 'v', label: 'a' }] }, more)).splits.train[0]!;

  test('become shares in the order of the labels, where they are to be learned; figures go by the label', async () => {
    expect(await first({ targets: 'votes', labels: ['a', 'b', 'c'] })).toMatchObject({ target: [0, 1, 0], shares: [0.25, 0.5, 0.25] });
    expect(await first({ targets: 'votes', rename: { c: 'a' } })).toMatchObject({ target: [0, 1], shares: [0.5, 0.5] });
    expect(await first({})).not.toHaveProperty('shares');
  });

  test('for a label that there is not are refused', async () => {
    await expect(first({ targets: 'votes' })).rejects.toThrow(
      /:1: votes for "c", and the labels are a, b\. Fix: name all labels in data\.labels/,
    );
  });

  test('count in the fingerprint only where they are learned', async () => {
    const print = async (more: Parameters<typeof load>[1]) =>
      (await load({ train }, { labels: ['a', 'b', 'c'], ...more })).fingerprint.train;
    const plain = many(20, (i) => ({ text: `t${i}`, label: i % 2 ? 'a' : 'b' }));
    expect(await print({})).toBe((await load({ train: plain }, { labels: ['a', 'b', 'c'] })).fingerprint.train);
    expect(await print({ targets: 'votes' })).not.toBe(await print({}));
  });
});
