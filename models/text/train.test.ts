import { expect, test } from 'vitest';
import { nastyStrings } from './nasty-strings.js';
import { createTokenizer } from './node.js';
import { tokenizerConfig } from './tokenizer-config.js';
import { specialTokens, trainWordPiece } from './train.js';

const texts = [
  'The council approves the budget, and the council approves the road.',
  'Councils approving budgets: what the councillor said on the road',
  'Budget roads, council roads and the approval of councillors',
  ...nastyStrings(300, 5),
];

test('the same texts give the same bytes, in whatever order they come', async () => {
  const once = await trainWordPiece({ texts, vocabularySize: 400 });
  expect(await trainWordPiece({ texts, vocabularySize: 400 })).toBe(once);
  expect(await trainWordPiece({ texts: [...texts].reverse(), vocabularySize: 400 })).toBe(once);
});

test('special tokens have the first ids, and the size is kept', async () => {
  const { model } = JSON.parse(await trainWordPiece({ texts, vocabularySize: 300 }));
  expect(specialTokens.map((token) => model.vocab[token])).toEqual([0, 1, 2, 3, 4]);
  expect(Object.values<number>(model.vocab).sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, id) => id));
});

test('frequent words become one token, rare ones pieces, unknown characters [UNK]', async () => {
  const file = await trainWordPiece({ texts: texts.slice(0, 3), vocabularySize: 120 });
  const { vocab } = JSON.parse(file).model;
  const [encoding] = await createTokenizer(file).encode(['council roads', 'councilroad', '中'].map(String), 20);
  expect(encoding!.ids).toContain(vocab.council);
  const [, pieces, unknown] = await createTokenizer(file).encode(['', 'councilroad', '中'], 20);
  expect(pieces!.ids.length).toBeGreaterThan(3);
  expect(pieces!.ids).not.toContain(vocab['[UNK]']);
  expect(unknown!.ids).toEqual([vocab['[CLS]'], vocab['[UNK]'], vocab['[SEP]']]);
});

test('a pair is joined only when it is seen often enough, the most frequent first', async () => {
  const train = async (minFrequency: number, vocabularySize = 100) =>
    Object.keys(JSON.parse(await trainWordPiece({ texts: ['abab abab cd'], vocabularySize, minFrequency })).model.vocab).slice(5);
  expect(await train(2)).toEqual(['a', 'b', 'c', 'd', '##b', '##a', '##d', 'ab', '##ab', 'abab']);
  expect(await train(3)).toEqual(['a', 'b', 'c', 'd', '##b', '##a', '##d']);
  expect(await train(1)).toContain('cd');
});

test('the rarest characters beyond the limit are left out', async () => {
  const { vocab } = JSON.parse(await trainWordPiece({ texts: ['aaa bb c'], vocabularySize: 100, alphabetLimit: 2 })).model;
  expect(vocab).toHaveProperty('a');
  expect(vocab).not.toHaveProperty('c');
});

test('case is kept when asked', async () => {
  const { vocab } = JSON.parse(await trainWordPiece({ texts: ['Über Über'], vocabularySize: 50, lowercase: false })).model;
  expect(vocab).toHaveProperty('Über');
});

test('the files beside tokenizer.json name its special tokens', async () => {
  const file = await trainWordPiece({ texts, vocabularySize: 200, lowercase: false });
  const { tokenizerConfig: config, specialTokensMap } = tokenizerConfig(file, 128);
  expect(config).toMatchObject({ tokenizer_class: 'BertTokenizer', do_lower_case: false, model_max_length: 128, pad_token: '[PAD]' });
  expect(specialTokensMap).toEqual({
    unk_token: '[UNK]',
    sep_token: '[SEP]',
    pad_token: '[PAD]',
    cls_token: '[CLS]',
    mask_token: '[MASK]',
  });
});
