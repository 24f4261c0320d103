import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trainWordPiece } from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import { parsePretrainConfig } from './config.js';
import { toRows } from './rows.js';
import { readTexts } from './texts.js';
import { readVocabulary } from './vocabulary.js';
import { createWordFinder } from './words.js';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-texts-'));
});
afterAll(() => rm(home, { recursive: true }));

const letters = 'abcdefghijklmnopqrst';

test('nothing of a long text is lost: it becomes several rows, each with its bounds, of like length', async () => {
  const spaced = [...letters].join(' ');
  const tokenizerJson = await trainWordPiece({ texts: [spaced], vocabularySize: 100, minFrequency: 1 });
  const tokenizer = createTokenizer(tokenizerJson);
  const vocabulary = readVocabulary(tokenizerJson, { masked: true });
  const words = await createWordFinder(vocabulary, 'en');
  const texts = [{ text: spaced }, { text: 'a b' }, { text: spaced, pair: 'c d' }, { text: '☃' }];
  const rows = await toRows(texts, { tokenizer, maxTokens: 9, words });
  const read = rows.map(({ ids }) => ids.map((id) => vocabulary.pieces[id]).join(' '));
  expect(read).toEqual([
    '[CLS] a b c d e f g [SEP]',
    '[CLS] h i j k l m n [SEP]',
    '[CLS] o p q r s t [SEP]',
    '[CLS] a b [SEP]',
    '[CLS] a b c d [SEP] c d [SEP]',
  ]); // the snowman is unknown, and a row of nothing else teaches nothing
  for (const row of rows) expect([row.types.length, row.words.length]).toEqual([row.ids.length, row.ids.length]);
});

test('texts come once, held-out ones not at all, and val is a share of them that the seed chooses', async () => {
  const all = [...letters].map((letter) => ({ text: `text ${letter}`, label: 'ignored' }));
  const lines = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).join('\n');
  await writeFile(join(home, 'a.jsonl'), lines([...all, { text: ' text  a' }, { text: 'one', pair: 'two' }, { text: 'two', pair: 'one' }]));
  await writeFile(join(home, 'held.jsonl'), lines([{ text: 'text b' }, { text: 'two', pair: 'one' }]));
  const config = (seed: number) =>
    parsePretrainConfig(
      JSON.stringify({ name: 'n', data: { texts: 'a.jsonl', heldOut: 'held.jsonl', val: 0.2 }, training: { seed } }),
      join(home, 'config.json'),
    );
  const read = await readTexts(config(1));
  expect([read.train.length, read.val.length, read.repeated, read.heldOut]).toEqual([15, 4, 1, 3]);
  const texts = [...read.train, ...read.val].map(({ text }) => text).sort();
  expect(texts).toEqual([...new Set(texts)]);
  expect(texts).not.toContain('text b');
  expect(await readTexts(config(1))).toEqual(read);
  expect((await readTexts(config(2))).val).not.toEqual(read.val);
});

test('with nothing left to learn from it says so', async () => {
  await writeFile(join(home, 'one.jsonl'), '{"text": "only"}\n');
  const config = parsePretrainConfig('{"name": "n", "data": {"texts": "one.jsonl"}}', join(home, 'config.json'));
  await expect(readTexts(config)).rejects.toThrow(/1 texts are left of 1 \(0 are held out\).*Fix: name files with more texts/);
});
