import { expect, test } from 'vitest';
import { trainWordPiece } from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import { frame, readVocabulary } from './vocabulary.js';
import { createWordFinder } from './words.js';

/** The pieces of a text, those of a word joined by +. */
async function cut(text: string, language: 'en' | 'zh' | undefined, learnt: readonly string[], minFrequency = 1): Promise<string[]> {
  const tokenizerJson = await trainWordPiece({ texts: learnt, vocabularySize: 200, minFrequency });
  const vocabulary = readVocabulary(tokenizerJson, { masked: true });
  const [encoding] = await createTokenizer(tokenizerJson).encode([text], 64);
  const words = (await createWordFinder(vocabulary, language))(encoding!.ids, text);
  const joined: string[] = [];
  for (const [at, id] of encoding!.ids.entries()) {
    const piece = words[at] === -1 ? `(${vocabulary.pieces[id]})` : vocabulary.pieces[id]!;
    if (at > 0 && words[at] !== -1 && words[at] === words[at - 1]) joined[joined.length - 1] += `+${piece}`;
    else joined.push(piece);
  }
  return joined;
}

const chinese = '北京大学的学生在图书馆学习 iPhone';

test('Chinese: the characters of a word are one word, as are the pieces of a Latin one', async () => {
  expect(await cut(chinese, 'zh', [chinese], 2)).toEqual([
    '([CLS])', '北+京+大+学', '的', '学+生', '在', '图+书+馆', '学+习', 'i+##p+##h+##o+##n+##e', '([SEP])',
  ]); // biome-ignore format: one line a text
});

test('in English each Chinese character is a word, and without whole words each piece is', async () => {
  const learnt = ['北京 harbour'];
  expect(await cut('北京 harbour', 'en', learnt, 2)).toEqual(['([CLS])', '北', '京', 'h+##a+##r+##b+##o+##u+##r', '([SEP])']);
  expect(await cut('北京 hub', undefined, learnt, 2)).toEqual(['([CLS])', '北', '京', 'h', '##u', '##b', '([SEP])']);
});

test('characters that the vocabulary does not have are told by nobody, and do not shift the words after them', async () => {
  expect(await cut('图书馆里的学生', 'zh', ['图 馆 的 学 生'])).toEqual([
    '([CLS])', '图', '([UNK])', '馆', '([UNK])', '的', '学+生', '([SEP])',
  ]); // biome-ignore format: one line a text
});

test('a vocabulary without a mask token is refused where words are masked, and texts without bounds where a model must write', () => {
  const bare = JSON.stringify({ model: { type: 'WordPiece', unk_token: 'x', vocab: { x: 0, y: 1 } } });
  expect(() => readVocabulary(bare, { masked: true })).toThrow(/no mask token.*Fix: give the tokenizer/);
  expect(readVocabulary(bare, { masked: false })).toMatchObject({ ordinary: [1], special: new Set([0]) });
  expect(() => frame([])).toThrow(/no token before and after them/);
  expect(frame([2, 5, 3])).toEqual({ start: 2, end: 3 });
});
