import { expect, test } from 'vitest';
import { startingPoint } from './starting-point.js';

test.each([
  [{ keepTokens: 'used' as const }, /model\.keepTokens: a vocabulary made here has only .* Fix: take it out, or give model\.pretrained/],
  [{ take: 'words' as const }, /model\.take: there is nothing to take the words from\. Fix: take it out/],
  [{ take: 'words' as const, pretrained: 'x', vocabularySize: 9 }, /model\.vocabularySize: .*Fix: say in model\.keepTokens how many/],
  [{ take: 'words' as const, pretrained: 'x', content: { vocabularySize: 9 } }, /model\.vocabularySize: .*Fix: say in model\.keepTokens/],
])('refused: %j', async (model, message) => {
  await expect(startingPoint(model, [])).rejects.toThrow(message);
});

test('from scratch there is none', async () => {
  expect(await startingPoint({ take: 'all' }, [])).toBeUndefined();
});
