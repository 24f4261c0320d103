import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { findBundles, packageFolder } from '../../models/bundle/node.js';
import type { Tokenizer } from '../../models/index.js';
import { createTokenizer as createNode } from '../../models/text/node.js';
import { createTokenizer as createWeb } from '../../models/text/web.js';
import { tokenWords } from './token-words.js';

let tokenizers: readonly Tokenizer[];
beforeAll(async () => {
  const bundles = await findBundles([join(packageFolder(), 'models', 'zoo')]);
  tokenizers = bundles.flatMap(({ tokenizerJson }) => [createNode(tokenizerJson), createWeb(tokenizerJson)]);
});

/** What of a text is read, and its words with their tokens. */
async function read(tokenizer: Tokenizer, text: string, maxTokens = 512) {
  const [encoding] = await tokenizer.encode([text], maxTokens);
  const [place] = encoding!.places!;
  const ids = encoding!.ids.slice(place!.start, place!.end);
  const words = await tokenWords(text, ids, { tokenizer, whole: !encoding!.truncated });
  return { ids, words: words?.map(({ start, end, kind, tokens }) => ({ word: text.slice(start, end), kind, tokens })) };
}

test.each([
  ['plain English, with punctuation', 'The council voted on Tuesday: no more harbour-walls!'],
  ['capitals, accents and contractions', "CAFÉ owners didn't naïvely re-open"],
  ['Chinese without spaces', '台风明日登陆，请市民注意安全。'],
  ['what no vocabulary has', '☃ ☃☃ ꙮ word'],
  ['emoji of several signs, line ends', 'line one\r\n👩🏽‍🚒 line two'],
  ['other scripts', 'Καλημέρα κόσμε สวัสดีชาวโลก مرحبا بالعالم'],
  ['numbers', 'In 2026, 3.5 % of £1,000.00'],
])('%s: every token is in one word, in order, in Node and in the browser', async (_what, text) => {
  for (const tokenizer of tokenizers) {
    const { ids, words } = await read(tokenizer, text);
    expect(words!.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(ids.length);
    expect(words!.length).toBeGreaterThan(2);
    for (const { word, kind, tokens } of words!) if (kind === 'word') expect((await read(tokenizer, word)).ids.length, word).toBe(tokens);
  }
});

test('of a tokenizer that reads bytes, with the space before a word in it, every token is in one word', async () => {
  const json = readFileSync(new URL('../../test/golden/classifiers/roberta/tokenizer.json', import.meta.url), 'utf8');
  for (const tokenizer of [createNode(json), createWeb(json)])
    for (const text of ["The council didn't vote: no more harbour-walls!", '  café 台风 👩🏽‍🚒\r\nwhat ']) {
      const { ids, words } = await read(tokenizer, text);
      expect(
        words!.reduce((sum, { tokens }) => sum + tokens, 0),
        text,
      ).toBe(ids.length);
      expect(words!.length).toBeGreaterThan(3);
    }
});

test('words that run into one another are one passage, and the others stay words', async () => {
  for (const tokenizer of tokenizers) {
    const { words } = await read(tokenizer, 'so great👍well done, 24℃ outside');
    expect(words!.map(({ word, kind }) => [word, kind])).toEqual([
      ['so', 'word'],
      ['great👍well', 'passage'],
      ['done', 'word'],
      [',', 'word'],
      ['24℃', 'passage'],
      ['outside', 'word'],
    ]);
  }
});

test('of a text that is cut, only what was read has words, the last perhaps with less than all its tokens', async () => {
  const text = 'The council voted on unquestionably incomprehensible harbourmasters '.repeat(2_000);
  for (const tokenizer of tokenizers) {
    const { ids, words } = await read(tokenizer, text, 24);
    expect(ids).toHaveLength(22);
    expect(words!.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(22);
    expect(words!.length).toBeLessThanOrEqual(22);
    expect(words![0]!.word).toBe('The');
  }
});

test('a text without words has none', async () => {
  for (const text of ['', ' \r\n ', '\u200b']) expect((await read(tokenizers[0]!, text)).words).toEqual([]);
});

test('where tokens do not tell their words, nothing is made up', async () => {
  const spelled = { encode: async (texts: readonly unknown[]) => texts.map((text) => ({ ids: [...String(text)].map((_, i) => i), types: [], truncated: false })) }; // biome-ignore format: one idea
  const ids = [...'one two'].map((_, i) => i);
  expect(await tokenWords('one two', ids, { tokenizer: spelled as never, whole: true })).toBeUndefined();
});
