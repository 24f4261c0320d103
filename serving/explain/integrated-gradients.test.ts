import { describe, expect, test, vi } from 'vitest';
import type { PathPoint, TextInput, Tokenizer } from '../../models/index.js';
import type { Explanation } from '../protocol/index.js';
import type { Explainer, Question } from './explainer.js';
import { createIntegratedGradients, pointsFor } from './integrated-gradients.js';

/** Letters are tokens; a pair has 90 between its texts and 91 after them. */
const tokenizer: Tokenizer = {
  vocabularySize: 100,
  padId: 0,
  encode: async (inputs, maxTokens) =>
    inputs.map((input) => {
      const texts = [input].flat().map((text) => [...text.replaceAll(/\s/g, '')].map((letter) => letter.charCodeAt(0) - 96).slice(0, maxTokens)); // biome-ignore format: one idea
      const ids = texts.length === 1 ? [99, ...texts[0]!, 91] : [99, ...texts[0]!, 90, ...texts[1]!, 91];
      const places = texts.map((text, i) => ({ start: 1 + i * (texts[0]!.length + 1), end: 1 + i * (texts[0]!.length + 1) + text.length }));
      return { ids, types: ids.map(() => 0), places, truncated: [input].flat().join('').replaceAll(/\s/g, '').length > maxTokens };
    }),
};

/** A model whose strength is the sum of what its letters weigh, a = 1, b = 2…, times progress; the first token of a pair's second text counts double. */
function setUp(
  { points = 42, maxTokens = 64, pairs = 'as-given' as const, rules = {} } = {} as {
    points?: number;
    maxTokens?: number;
    pairs?: 'as-given' | 'both-orders';
    rules?: object;
  },
) {
  const asked: PathPoint[][] = [];
  const otherwise = vi.fn<Explainer>(async () => ({ method: 'occlusion' }) as Explanation);
  const explain = createIntegratedGradients({
    ask: async (given) => {
      asked.push([...given]);
      return given.map(({ encoding, baseline, progress }) => {
        const own = encoding.ids.map((id, i) => (id === baseline[i] ? 0 : id));
        const sum = own.reduce((a, b) => a + b, 0);
        return [0.5 + progress * sum, ...own, 7, 7]; // a row of a batch whose longest text is longer
      });
    },
    tokenizer,
    text: { maxTokens, pairs },
    points,
    otherwise,
  });
  const ask = (input: TextInput) =>
    explain({ input, label: 'yes', logits: [1, 0.25], truncated: false, rules: { labels: ['no', 'yes'], activation: 'softmax', temperature: 0.5, ...rules } } as Question); // biome-ignore format: one idea
  return { ask, asked, otherwise };
}

test('a word weighs what its tokens add, and the weights add up to whole less empty', async () => {
  const { ask, asked } = setUp();
  const text = 'ab  c, d';
  expect(await ask(text)).toEqual({
    method: 'integrated-gradients',
    label: 'yes',
    unit: 'log-odds',
    whole: -1.5,
    empty: 0.5,
    spans: [
      { of: 'text', start: 0, end: 2, kind: 'word', weight: 3 },
      { of: 'text', start: 4, end: 5, kind: 'word', weight: 3 },
      { of: 'text', start: 5, end: 6, kind: 'word', weight: -52 },
      { of: 'text', start: 7, end: 8, kind: 'word', weight: 4 },
    ],
  });
  expect(asked).toHaveLength(1);
  expect(asked[0]!.map(({ label }) => label)).toEqual(Array(9).fill(1));
});

test('special tokens stay as they are on the way, words become padding', async () => {
  const { ask, asked } = setUp();
  await ask(['ab', 'cd']);
  expect(asked[0]![0]!.baseline).toEqual([99, 0, 0, 90, 0, 0, 91]);
  expect(asked[0]![0]!.encoding.ids).toEqual([99, 1, 2, 90, 3, 4, 91]);
});

test('a pair that is read in both orders has the mean of both, each word once', async () => {
  const { ask, asked } = setUp({ pairs: 'both-orders' });
  const { spans } = await ask(['ab c', 'c d']);
  expect(asked.flat().map(({ encoding }) => encoding.ids[1]).slice(0, 4)).toEqual([1, 3, 1, 3]); // biome-ignore format: short
  expect(spans.map(({ of, start, weight }) => [of, start, weight])).toEqual([
    ['text', 0, 3],
    ['text', 3, 3],
    ['pair', 0, 3],
    ['pair', 2, 4],
  ]);
});

test('what was not read has no span', async () => {
  const { ask } = setUp({ maxTokens: 3 });
  expect((await ask('ab cd ef')).spans.map(({ start, weight }) => [start, weight])).toEqual([[0, 3], [3, 3]]); // biome-ignore format: a table
});

test('a text without a word costs nothing', async () => {
  const { ask, asked } = setUp();
  expect(await ask(' \n')).toMatchObject({ method: 'integrated-gradients', spans: [], whole: -1.5, empty: -1.5 });
  expect(asked).toEqual([]);
});

describe('words are left out instead', () => {
  test.each([
    ['with too few points', { points: 8 }, 'ab'],
    ['with too few for both orders', { points: 17, pairs: 'both-orders' as const }, ['ab', 'c'] as const],
    ['of three labels in both orders, whose mean is no mean of odds', { pairs: 'both-orders' as const, rules: { labels: ['no', 'yes', 'so'] } }, ['a', 'b'] as const], // biome-ignore format: a table
    ['where the tokens of words alone are not those of the text', {}, 'ab\u200bc'],
  ])('%s', async (_what, options, input) => {
    const { ask, asked, otherwise } = setUp(options);
    if (input === 'ab\u200bc') vi.spyOn(tokenizer, 'encode').mockImplementationOnce(async () => [{ ids: [99, 5, 91], types: [0, 0, 0], places: [{ start: 1, end: 2 }], truncated: false }]); // biome-ignore format: one idea
    expect(await ask(input)).toEqual({ method: 'occlusion' });
    expect(otherwise).toHaveBeenCalledOnce();
    expect(asked).toEqual([]);
    vi.restoreAllMocks();
  });
});

test('a point is charged as three texts', () => {
  expect([pointsFor(128), pointsFor(26)]).toEqual([42, 8]);
});
