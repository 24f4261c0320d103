import { describe, expect, test } from 'vitest';
import { foldText } from './fold-text.js';
import { createWordLists, type WordList, wordLimits } from './word-lists.js';
import { createWordSearch } from './word-search.js';

const list = (words: readonly string[], change: Partial<WordList> = {}): WordList => ({
  name: 'list',
  action: 'block',
  language: '*',
  match: 'words',
  overrides: 'words',
  words,
  ...change,
});

function found(lists: readonly WordList[], text: string | readonly string[], language?: string) {
  const hits = createWordLists(lists, 'policy.json').find([text].flat(), new Set(lists.map(({ name }) => name)), language);
  return Object.fromEntries(Object.entries(hits).map(([action, { list: of, word }]) => [action, `${of.name}: ${word}`]));
}
const blocks = (word: string, text: string, change: Partial<WordList> = {}) => 'block' in found([list([word], change)], text);

describe('a word is found however it is written', () => {
  test.each([
    ['idiot', 'You IDIOT!'],
    ['Idiot', 'idiot'],
    ['idiot', 'ｉｄｉｏｔ'],
    ['idiot', '𝐢𝐝𝐢𝐨𝐭 𝓲𝓭𝓲𝓸𝓽'],
    ['idiot', 'id\u200bi\u00ado\u2060t'],
    ['idiot', '\u202eidiot\u202c'],
    ['idiot', 'i\ufe0fd\u200diot'],
    ['idiot', 'i̶d̷i̲o̸t҉'],
    ['idiot', 'id\u0000io\u0007t'],
    ['idiot', 'id\ud800iot'],
    ['straße', 'STRASSE'],
    ['ΟΔΟΣ', 'η οδος'],
    ['istanbul', 'İSTANBUL'],
    ['café', 'cafe\u0301'],
    ['ﷺ', 'صلى الله عليه وسلم'],
    ['محمد', 'مُحَمَّد'],
    ['محمد', 'محـــمد'],
    ['שלום', 'שָׁלוֹם'],
    ['можно', 'МОЖНО'],
    ['🖕', 'you 🖕🏽'],
    ['👨‍👩‍👧', 'a 👨‍👩‍👧 b'],
    ['fake news', 'Fake \n\u00a0 NEWS'],
    ['傻逼', '你这个傻逼玩意'],
    ['ไอ้เหี้ย', 'มึงไอ้เหี้ยจริงๆ'],
    ['バカ', 'ばかﾊﾞｶだ'],
    ['sb', '你是SB吗'],
    ['c++', 'C++ is hard'],
    ['#maga', 'vote #MAGA now'],
  ])('%j in %j', (word, text) => {
    expect(blocks(word, text)).toBe(true);
  });
});

describe('words are whole', () => {
  test.each([
    ['ass', 'class assess bass', false],
    ['ass', "l'ass", true],
    ['ass', "ass's", true],
    ['ass', 'no.ass.here', true],
    ['ass', '_ass_', true],
    ['ass', 'ass2', false],
    ['ass', 'ａｓｓess', false],
    ['cafe', 'café', false],
    ['बाल', 'बालक', false],
    ['бред', 'бреду', false],
    ['바보', '바보야', false],
    ['바보*', '바보야', true],
    ['*wurst', 'Bratwurst', true],
    ['*wurst', 'Bratwurstbude', false],
    ['*wurst*', 'Bratwurstbude', true],
    ['f*ck', 'f*ck', true],
    ['f*ck', 'fock', false],
    ['𝒜', 'x𝒜', false],
    ['ab', '\u{20000}ab\u{20000}', true],
    ['cd', '\u{10400}cd', false],
  ] as const)('%j in %j: %s', (word, text, is) => {
    expect(blocks(word, text)).toBe(is);
  });

  test('a list may match anywhere', () => {
    expect(blocks('ass', 'class', { match: 'anywhere' })).toBe(true);
  });
});

test('an allowed word takes away the words inside it, and no others', () => {
  const lists = [list(['cunt'], { match: 'anywhere' }), list(['Scunthorpe'], { name: 'places', action: 'allow' })];
  expect(found(lists, 'Scunthorpe United')).toEqual({ allow: 'places: Scunthorpe' });
  expect(found(lists, 'Scunthorpe cunt')).toMatchObject({ block: 'list: cunt' });
  expect(found(lists, 'cunt of Scunthorpe')).toMatchObject({ block: 'list: cunt' });
  const nested = [list(['b c']), list(['a b c d e', 'c d'], { name: 'ok', action: 'allow' })];
  expect(found(nested, 'a b c d e')).not.toHaveProperty('block');
  expect(found(nested, 'a b c d')).toHaveProperty('block');
});

test('of a pair both texts are searched, and nothing across them', () => {
  const lists = [list(['fake news']), list(['soup'], { name: 'soups', action: 'review' })];
  expect(found(lists, ['soup', 'fake news'])).toEqual({ block: 'list: fake news', review: 'soups: soup' });
  expect(found(lists, ['fake', 'news'])).toEqual({});
});

test('the first word in the text is named, as its list writes it', () => {
  expect(found([list(['Two', 'ONE'])], 'one two')).toEqual({ block: 'list: ONE' });
});

describe('lists are for languages', () => {
  const lists = [
    list(['die'], { name: 'en', language: 'en' }),
    list(['毒'], { name: 'zh', language: 'zh' }),
    list(['毒'], { name: 'ja', language: 'ja', action: 'review' }),
    list(['x'], { name: 'all', action: 'allow' }),
  ];
  test.each([
    ['die', 'en', { block: 'en: die' }],
    ['die Katze x', 'de', { allow: 'all: x' }],
    ['die Katze', undefined, { block: 'en: die' }],
    ['𝐝𝐢𝐞', undefined, { block: 'en: die' }],
    ['市长昨天给新桥剪彩了 die', undefined, {}],
    ['市长昨天给新桥剪彩了 die', 'en', { block: 'en: die' }],
    ['毒のあるきのこをたべてしまいました', undefined, { review: 'ja: 毒' }],
    ['毒药', undefined, { block: 'zh: 毒', review: 'ja: 毒' }],
    ['毒药', 'zh', { block: 'zh: 毒' }],
    ['视频 http://t.cn/abcdefg 转发微博 毒', undefined, { block: 'zh: 毒', review: 'ja: 毒' }],
  ])('%j with language %s', (text, language, expected) => {
    expect(found(lists, text, language)).toEqual(expected);
  });
});

describe('what no list can use is refused', () => {
  test.each([
    [[''], /lists\.list: "" has nothing to look for/],
    [['*'], /nothing to look for/],
    [['\u200b'], /nothing to look for/],
    [['a'.repeat(101)], /101 characters; a word or phrase may have 100/],
    [Array.from({ length: wordLimits.wordsInList + 1 }, () => 'a'), /100001 words; at most 100000/],
  ])('%#', (words, message) => {
    expect(() => createWordLists([list(words)], 'policy.json')).toThrow(message);
  });
});

test('a large list against a large text: the automaton finds what a plain search finds', () => {
  let state = 7;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const word = (): string => Array.from({ length: 1 + next(5) }, () => 'abc'[next(3)]).join('');
  const words = [...new Set(Array.from({ length: 200 }, word))];
  const text = Array.from({ length: 3000 }, () => 'abcd'[next(4)]).join('');
  const expected = words.flatMap((one, index) => {
    const places: string[] = [];
    for (let at = text.indexOf(one); at >= 0; at = text.indexOf(one, at + 1)) places.push(`${index}:${at}:${at + one.length}`);
    return places;
  });
  const got: string[] = [];
  createWordSearch(words).scan(text, (index, start, end) => got.push(`${index}:${start}:${end}`));
  expect(got.length).toBeGreaterThan(1000);
  expect(got.sort()).toEqual(expected.sort());
});

test('folding twice is folding once', () => {
  for (const text of ['İΣΑΣ ﬁ ẞ Ⅻ ㎏', 'ΐ ΰ ŉ', '\ufdfa', 'a\u0323\u0307', '각 각', '\u1e9b\u0323'])
    expect(foldText(foldText(text))).toBe(foldText(text));
});
