import { beforeAll, describe, expect, test } from 'vitest';
import type { Language } from '../data/language/language.js';
import { createRandom } from '../data/random.js';
import { edaSchema } from './augmentation-config.js';
import { chooseOperation, type EdaOperation, eda, edaOperations, type Words } from './eda.js';
import { loadWords } from './load-words.js';

const config = edaSchema.parse({});
const operations = Object.keys(edaOperations) as EdaOperation[];
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
let words: { readonly [L in Language]: Words };
beforeAll(async () => {
  words = { en: await loadWords('en'), zh: await loadWords('zh') };
}, 60_000);

describe('the four operations', () => {
  const reword = (operation: EdaOperation, share: number, text: string, language: Language = 'en', times = 40): string[] =>
    Array.from({ length: times }, (_, i) => eda(text, operation, { ...config, [operation]: share }, words[language], createRandom(1, i)));

  test('replace: all places of the word, in its case; never a word of grammar; marks stay', () => {
    for (const text of reword('replace', 0.1, 'Sad, sad news and SAD stories of the end.')) {
      const changed = text !== 'Sad, sad news and SAD stories of the end.';
      expect(changed).toBe(true);
      expect(text).toMatch(/^\p{Lu}.* and .* of the .*\.$/u);
      const sad = text.match(/\bsad\b/gi)?.length ?? 0;
      expect([0, 3]).toContain(sad);
      if (sad === 0) expect(text).toMatch(/^(\p{Lu}\p{Ll}+), (\p{Ll}+) news and (\p{Lu}+) stories/u);
    }
  });

  test('replace: a synonym of two words is two words', () => {
    const stars: Words = { ...words.en, synonyms: (word) => (word === 'actor' ? ['film star'] : []) };
    const change = (text: string) => eda(text, 'replace', config, stars, createRandom(1));
    expect(change('in war one must be a good actor')).toBe('in war one must be a good film star');
    const tokens = edaOperations.replace(stars.segment('Actor'), 0.1, stars, createRandom(1));
    expect(tokens.map(({ text, kind }) => [text, kind])).toEqual([['Film', 'word'], [' ', 'space'], ['star', 'word']]); // biome-ignore format: a row
  });

  test('replace: as many words as the share says', () => {
    const text = 'big town small river happy people sad story old bridge'; // ten words, all with synonyms
    for (const share of [0.1, 0.3]) {
      for (const changed of reword('replace', share, text)) {
        const kept = wordsOf(text).filter((word) => wordsOf(changed).includes(word)).length;
        expect(10 - kept).toBeLessThanOrEqual(share * 10);
        expect(changed).not.toBe(text);
      }
    }
  });

  test('insert: every word stays in its order, and others are added', () => {
    const text = 'The council opened a splendid bridge.';
    for (const longer of reword('insert', 0.2, text)) {
      const left = wordsOf(longer);
      for (const word of wordsOf(text)) left.splice(0, left.indexOf(word) + 1 || Number.POSITIVE_INFINITY);
      expect(wordsOf(longer).length).toBeGreaterThan(wordsOf(text).length);
      expect(wordsOf(text).every((word) => wordsOf(longer).includes(word))).toBe(true);
    }
  });

  test('swap: the same words in another order; the marks where they were', () => {
    const text = 'One two three, four five six: seven eight nine ten!';
    for (const other of reword('swap', 0.1, text)) {
      expect([...wordsOf(other)].sort()).toEqual([...wordsOf(text)].sort());
      expect(wordsOf(other)).not.toEqual(wordsOf(text));
      expect(other.replace(/\p{L}+/gu, 'w')).toBe(text.replace(/\p{L}+/gu, 'w'));
    }
  });

  test('delete: about the share goes, and one word always stays', () => {
    const text = Array.from({ length: 50 }, (_, i) => `word${i}`).join(' ');
    const left = reword('delete', 0.2, text).map((shorter) => wordsOf(shorter).length);
    expect(Math.abs(left.reduce((a, b) => a + b, 0) / left.length - 40)).toBeLessThan(2);
    for (const alone of reword('delete', 1, 'only these words')) expect(wordsOf(alone)).toHaveLength(1);
  });

  test('Chinese: words and not characters, no spaces added', () => {
    const text = '今天下午医生告诉记者，已经处罚了三名司机';
    for (const operation of operations) {
      const others = reword(operation, 0.2, text, 'zh', 10);
      expect(others.some((other) => other !== text)).toBe(true);
      for (const other of others) expect(other).not.toMatch(/\s/);
    }
    expect(reword('swap', 0.1, text, 'zh').every((other) => [...other].sort().join('') === [...text].sort().join(''))).toBe(true);
  });

  test('a text in which nothing can be done comes back as it is', () => {
    for (const operation of operations)
      for (const text of ['?!', 'the', '😀 😀', 'qwertyuiop']) expect(reword(operation, 0.1, text, 'en', 3)[0]!.length).toBeGreaterThan(0);
    expect(reword('replace', 0.1, 'qwertyuiop asdfghjkl', 'en', 2)).toEqual(['qwertyuiop asdfghjkl', 'qwertyuiop asdfghjkl']);
  });
});

test('an operation whose share is 0 is never chosen', () => {
  const chosen = (given: object) => new Set(Array.from({ length: 50 }, (_, i) => chooseOperation(edaSchema.parse(given), createRandom(i))));
  expect(chosen({})).toEqual(new Set(operations));
  expect(chosen({ swap: 0, delete: 0 })).toEqual(new Set(['replace', 'insert']));
  expect(chosen({ replace: 0, insert: 0, swap: 0, delete: 0 })).toEqual(new Set([undefined]));
});
