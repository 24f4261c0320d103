import { describe, expect, test } from 'vitest';
import { extractEntities } from './extract-entities.js';
import { detectLanguage, languages } from './language.js';
import { loadStopWords } from './stop-words.js';
import { loadThesaurus } from './thesaurus.js';
import { createSegmenter } from './tokens.js';

test.each([
  ['en', ['The mayor opened the bridge.', 'Wow! 10 bridges']],
  ['zh', ['市长昨天给新桥剪彩', '视频 http://t.cn/abcdefg 转发微博']],
  [undefined, ['мэр открыл мост']],
  [undefined, ['123 !!']],
  [undefined, []],
] as const)('by its letters it is %s', (language, texts) => {
  expect(detectLanguage(texts)).toBe(language);
});

describe('words', () => {
  test.each(languages)('%s: joined again the tokens are the text, whatever is in it', async (language) => {
    const segment = await createSegmenter(language);
    for (const text of [
      '',
      ' ',
      'One  two,three!\n',
      '今天，北京下雨。',
      "don't @bbc #news https://t.co/a?b=1 U.S.",
      '😀👍🏽 e\u0301',
      'a\ud800b',
      '中文mixed文字 12.5%',
    ])
      expect(
        segment(text)
          .map((token) => token.text)
          .join(''),
      ).toBe(text);
  });

  test('English: addresses, names with @ and tags with # are one word', async () => {
    const segment = await createSegmenter('en');
    const words = segment("Don't read https://t.co/a1 by @bbc: #news, co-op U.S. 😀")
      .filter(({ kind }) => kind === 'word')
      .map(({ text }) => text);
    expect(words).toEqual(["Don't", 'read', 'https://t.co/a1', 'by', '@bbc', '#news', 'co-op', 'U.S']);
  });

  test('Chinese: words of the dictionary, marks one by one', async () => {
    const segment = await createSegmenter('zh');
    expect(segment('我们明天去北京大学！！').map(({ text, kind }) => `${text}:${kind}`)).toEqual([
      '我们:word',
      '明天:word',
      '去:word',
      '北京大学:word',
      '！:mark',
      '！:mark',
    ]);
  });
});

describe('names', () => {
  test('Chinese: where two dictionaries agree, by surname where neither has one', async () => {
    const texts = ['北京和上海的记者采访了刘翔，新华社报道', '请系好安全带，谢谢宝宝', '书记袁裕来昨天说', '中央电视台和某某公司', ''];
    expect(await extractEntities(texts, 'zh')).toEqual([['北京', '上海', '刘翔', '新华社'], [], ['袁裕来'], ['中央电视台'], []]);
  });

  test('English: persons, places and bodies, without marks, titles and possessives', async () => {
    const texts = [
      'Angela Merkel met Barack Obama in Berlin.',
      "President tells Microsoft's staff: Texas, again!",
      'why does the president tweet',
      '',
    ];
    expect(await extractEntities(texts, 'en')).toEqual([['Angela Merkel', 'Barack Obama', 'Berlin'], ['Microsoft', 'Texas'], [], []]);
  });
});

describe('synonyms', () => {
  test('English: of the word, or of its stem; no names, never the word itself', async () => {
    const synonyms = await loadThesaurus('en');
    expect(synonyms('sad')).toContain('deplorable');
    expect(synonyms('deaths')).toContain('decease');
    expect(synonyms('best')).not.toContain('charles herbert best');
    expect(synonyms('car')).toContain('railroad car');
    for (const word of ['sad', 'deaths', 'run', 'car']) expect(synonyms(word)).not.toContain(word);
    for (const word of ['', 'qwertyuiop', 'the', 'ss', 'hasownproperty']) expect(synonyms(word)).toEqual([]);
  });

  test('Chinese: both ways', async () => {
    const synonyms = await loadThesaurus('zh');
    expect(synonyms('粗暴')).toContain('粗鲁');
    expect(synonyms('粗鲁')).toContain('粗暴');
    expect(synonyms('不在表里')).toEqual([]);
  });
});

test('words of grammar are known, and negations are among them', async () => {
  const [en, zh] = await Promise.all(languages.map(loadStopWords));
  for (const word of ['the', 'not', "don't", 'never', 'of']) expect(en!.has(word)).toBe(true);
  for (const word of ['我们', '的', '因为', '什么']) expect(zh!.has(word)).toBe(true);
  for (const word of ['bridge', 'good']) expect(en!.has(word)).toBe(false);
});
