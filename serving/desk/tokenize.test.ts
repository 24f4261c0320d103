import { expect, test } from 'vitest';
import { trainWordPiece } from '../../models/index.js';
import { createServerTokenizer } from './tokenize.js';

test('a text has the same ids whether it is tokenised in place or in threads', async () => {
  const texts = [
    'The council voted',
    '',
    'ΟΔΥΣΣΕΥΣ İstanbul',
    'a\0b \ud83d c',
    '台风“海燕”登陆 🚨',
    '[CLS] x [SEP]',
    'harbour '.repeat(300),
  ];
  const json = await trainWordPiece({ texts: [...texts, 'The council voted on the harbour wall'], vocabularySize: 200 });
  const inPlace = await createServerTokenizer(json, 1e9).encode(texts, 64);
  const inThreads = await createServerTokenizer(json, -1).encode(texts, 64);
  expect(inPlace).toEqual(inThreads);
  expect(inPlace.map(({ truncated }) => truncated)).toEqual([false, false, false, false, false, false, true]);
});
