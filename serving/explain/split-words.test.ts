import { describe, expect, test } from 'vitest';
import { splitWords } from './split-words.js';
import { withoutSpan } from './without-span.js';

const words = (text: string): string[] => splitWords(text).map(({ start, end }) => text.slice(start, end));

describe('words of a text', () => {
  test.each<[string, string, string[]]>([
    ['punctuation stands alone, together where it stands together', `Don't—stop?! "No."`, ["Don't", '—', 'stop', '?!', '"', 'No', '."']],
    ['emoji with joiners, tones and flags are whole', 'a👩🏽‍🚒b 🇩🇪🇫🇷 x', ['a', '👩🏽‍🚒', 'b', '🇩🇪🇫🇷', 'x']],
    ['letters keep their combining marks', 'cafe\u0301 n\u0303o', ['cafe\u0301', 'n\u0303o']],
    ['letters beyond the first plane', '𝒽𝑒𝓁𝓁𝑜 𠮷野家', ['𝒽𝑒𝓁𝓁𝑜', '𠮷', '野家']],
    ['line ends of two characters', 'one\r\ntwo\r\n', ['one', 'two']],
    ['Hebrew and Arabic, with direction marks', '\u200fשלום עולם\u200e مرحبا', ['שלום', 'עולם\u200e', 'مرحبا']],
    ['halves of surrogate pairs are no words', 'a\ud83d b\ude00', ['a', 'b']],
    ['nothing that can be seen', '\u200b \u00ad\u0000 \u2028', []],
    ['addresses and numbers', 'U.S. $5.99 t.co/ab', ['U.S', '.', '$', '5.99', 't.co', '/', 'ab']],
  ])('%s', (_what, text, expected) => expect(words(text)).toEqual(expected));

  test('Chinese, Japanese and Thai are cut by dictionary', () => {
    for (const text of ['网传台风将于明日登陆请大家注意安全', '明日は台風が来るでしょう', 'พรุ่งนี้ฝนจะตก']) {
      const found = words(text);
      expect(found.join('')).toBe(text);
      expect(found.length).toBeGreaterThan(2);
      expect(found.length).toBeLessThan(text.length);
    }
  });

  test('it stops after as many as are wanted', () => {
    const text = 'a b, c d';
    for (let most = 1; most <= 5; most++) expect(splitWords(text, most)).toEqual(splitWords(text).slice(0, most));
  });

  test('on anything: in order, apart, inside, never within a pair of surrogates or a line end, and nothing visible is left over', () => {
    const parts = ['a', 'Zo\u0308e', ' ', '  ', '\r\n', '\n', '.', '!?', '👩🏽‍🚒', '🇩🇪', '\ud83d', '\ude00', '\u200d', '\u0301', '台风', '登', 'ไทย', 'שלום', '\u202e', "'", '-', '9', '\u0000', '𠮷', 'ﷺ', '[MASK]', '<b>']; // biome-ignore format: a list
    let state = 11;
    const next = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 2_000; round++) {
      const text = Array.from({ length: 1 + next(14) }, () => parts[next(parts.length)]!).join('');
      const places = splitWords(text);
      const gaps: string[] = [];
      let last = 0;
      for (const { start, end } of places) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        for (const cut of [start, end]) {
          expect(/[\ud800-\udbff]$/.test(text.slice(0, cut)) && /^[\udc00-\udfff]/.test(text.slice(cut)), JSON.stringify(text)).toBe(false);
          expect(/\r$/.test(text.slice(0, cut)) && text[cut] === '\n').toBe(false);
        }
        gaps.push(text.slice(last, start));
        last = end;
      }
      gaps.push(text.slice(last));
      for (const gap of gaps) expect(gap, JSON.stringify(text)).not.toMatch(/[\p{L}\p{N}\p{P}\p{S}]/u);
    }
  });
});

describe('a text without a span', () => {
  test.each([
    ['the one|big|wall', 'the one wall'],
    ['the |big| wall', 'the wall'],
    ['|the| wall', ' wall'],
    ['the |wall|', 'the '],
    ['wall|!|', 'wall'],
    ['台风|明日|登陆', '台风登陆'],
    ['ก|ข|ค', 'กค'],
    ['one\r\n|two|\r\nthree', 'one\r\n\r\nthree'],
    ['𝒶|🙂|𝒷', '𝒶 𝒷'],
  ])('%s', (marked, expected) => {
    const [before = '', span = '', after = ''] = marked.split('|');
    expect(withoutSpan(before + span + after, { start: before.length, end: before.length + span.length })).toBe(expected);
  });
});
