import { describe, expect, test } from 'vitest';
import { type TextInput, trainWordPiece } from '../../models/index.js';
import { nastyStrings } from '../../models/text/nasty-strings.js';
import { createTokenizer as createThreaded } from '../../models/text/node.js';
import { createTokenizer as createInline } from '../../models/text/web.js';
import { cutsOf, encodeBeginnings } from './tokenize-beginning.js';

const json = await trainWordPiece({ texts: ['The council voted on the harbour wall', '台风明日登陆', 'café won’t'], vocabularySize: 300 });
const read = JSON.parse(json) as Record<string, object>;
const cuts = cutsOf(json)!;

/** Encodes as usual, and notes how many characters it was given. */
function watched() {
  const tokenizer = createThreaded(json);
  const seen = { characters: 0 };
  const encode = (inputs: readonly TextInput[], maxTokens: number) => {
    seen.characters += inputs.flat().join('').length;
    return tokenizer.encode(inputs, maxTokens);
  };
  return { tokenizer, encode, seen };
}

describe('the beginning of a long text', () => {
  test.each([
    ['threads', createThreaded(json)],
    ['this thread', createInline(json)],
  ])('gives what the whole gives, whatever is in it (%s)', async (_where, tokenizer) => {
    const strings = nastyStrings(4_000, 3);
    const texts = Array.from({ length: 400 }, (_, i) => strings.slice(10 * i, 10 * i + 10).join(i % 2 ? '' : ' '));
    for (const maxTokens of [3, 7, 20]) {
      const whole = await tokenizer.encode(texts, maxTokens);
      expect(await encodeBeginnings(tokenizer.encode, cuts, texts, maxTokens)).toEqual(whole);
    }
  });

  test.each([
    ['English', 'the council voted on the harbour wall, '],
    ['Chinese', '台风明日登陆请注意安全'],
  ])('is all that is tokenised of a long one (%s)', async (_what, part) => {
    const { tokenizer, encode, seen } = watched();
    const texts = [part.repeat(500), part, ''];
    expect(await encodeBeginnings(encode, cuts, texts, 32)).toEqual(await tokenizer.encode(texts, 32));
    expect(seen.characters).toBeLessThan(32 * 8 * 2 + part.length);
  });

  test.each([
    ['white space', `${' '.repeat(5_000)}harbour`],
    ['one word', 'a'.repeat(5_000)],
    ['words that are too long to be known', `${'b'.repeat(101)} `.repeat(60)],
    ['what is cleaned away', `${'\u200b\u0000 '.repeat(2_000)}harbour`],
  ])('that has too few tokens is no answer: the whole text is read (%s)', async (_what, text) => {
    const { tokenizer, encode, seen } = watched();
    expect(await encodeBeginnings(encode, cuts, [text, 'short'], 64)).toEqual(await tokenizer.encode([text, 'short'], 64));
    expect(seen.characters).toBeLessThanOrEqual(2 * text.length + 5);
  });

  test('pairs are read whole', async () => {
    const { tokenizer, encode } = watched();
    const pairs: TextInput[] = [['harbour '.repeat(300), 'wall '.repeat(299)], ['wall', 'harbour '.repeat(300)]]; // biome-ignore format: short
    for (const maxTokens of [16, 17]) expect(await encodeBeginnings(encode, cuts, pairs, maxTokens)).toEqual(await tokenizer.encode(pairs, maxTokens)); // biome-ignore format: short
  });
});

describe('where a text may be cut', () => {
  test('before spaces and Chinese characters, where the tokenizer parts those', () => {
    expect(cuts.before.test('台')).toBe(true);
    const normalizer = { ...read.normalizer, handle_chinese_chars: false };
    expect(cutsOf(JSON.stringify({ ...read, normalizer }))!.before.test('台')).toBe(false);
  });

  test.each([
    ['another normaliser', { normalizer: { type: 'NFKC' } }],
    ['no normaliser', { normalizer: null }],
    ['words of another kind', { pre_tokenizer: { type: 'ByteLevel' } }],
    ['pieces of another kind', { model: { type: 'Unigram', vocab: [] } }],
    ['an added token with a space', { added_tokens: [{ id: 9, content: 'New York' }] }],
    ['an added token with a Chinese character', { added_tokens: [{ id: 9, content: 'x台' }] }],
  ])('nowhere for certain: %s', (_what, change) => expect(cutsOf(JSON.stringify({ ...read, ...change }))).toBeUndefined());
});
