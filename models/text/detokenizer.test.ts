import { expect, test } from 'vitest';
import { createDetokenizer, createTokenizer } from './node.js';
import { trainWordPiece } from './train.js';

test('what was cut into pieces is a text again; Chinese without the spaces between its characters', async () => {
  const texts = ['seven bakers, one bridge.', '北京的大学，在 iphone 上！', 'why "bridges" fall'];
  const tokenizerJson = await trainWordPiece({ texts, vocabularySize: 150, minFrequency: 2 });
  const encodings = await createTokenizer(tokenizerJson).encode(texts, 64);
  const decoded = await createDetokenizer(tokenizerJson)(encodings.map(({ ids }) => ids));
  expect(decoded).toEqual(['seven bakers, one bridge.', '北京的大学，在iphone上！', 'why " bridges " fall']);
});
