import { describe, expect, test } from 'vitest';
import type { TextInput } from '../../models/index.js';
import type { Explanation } from '../protocol/index.js';
import { createOcclusion } from './occlusion.js';
import { splitWords } from './split-words.js';

/** A model that adds up what its words weigh; the first label's log-odds are exactly that. Reads `most` words of each text. */
function adder(weights: Readonly<Record<string, number>>, { calls = 128, most = Number.POSITIVE_INFINITY } = {}) {
  const asked: TextInput[] = [];
  const wordsOf = (input: TextInput) => [input].flat().map((text) => text.split(/[^\p{L}]+/u).filter(Boolean).slice(0, most)); // biome-ignore format: short
  const row = (input: TextInput) => Float32Array.of(wordsOf(input).flat().reduce((sum, word) => sum + (weights[word] ?? 0), 0.25), 0); // biome-ignore format: short
  const ids = new Map<string, number>();
  const explain = createOcclusion({
    ask: async (inputs) => {
      asked.push(...inputs);
      return inputs.map(row);
    },
    read: async (input) =>
      wordsOf(input).flatMap((words) => [0, ...words.map((word) => ids.get(word) ?? ids.set(word, ids.size + 1).size)]),
    calls,
  });
  const rules = { labels: ['yes', 'no'], activation: 'softmax' as const, temperature: 1 };
  const truncated = (input: TextInput) => [input].flat().some((text) => text.split(/[^\p{L}]+/u).filter(Boolean).length > most); // biome-ignore format: short
  return {
    asked,
    explain: (input: TextInput, label = 'yes') => explain({ input, rules, label, logits: row(input), truncated: truncated(input) }),
  };
}

const named = ({ spans }: Explanation, input: TextInput) =>
  spans.map(({ of, start, end, weight }) => [[input].flat()[of === 'text' ? 0 : 1]!.slice(start, end), weight]);

describe('a model that adds up its words', () => {
  test('each word weighs what it adds, and the text begins where the model does', async () => {
    const text = 'Never trust a baker, never!';
    const answer = await adder({ Never: 1.5, trust: -0.75, baker: 2, never: 0.5 }).explain(text);
    expect(named(answer, text)).toEqual([['Never', 1.5], ['trust', -0.75], ['a', 0], ['baker', 2], [',', 0], ['never', 0.5], ['!', 0]]); // biome-ignore format: a table
    expect(answer).toMatchObject({ method: 'occlusion', label: 'yes', unit: 'log-odds', whole: 3.5, empty: 0.25 });
    expect(answer.spans.every(({ kind }) => kind === 'word')).toBe(true);
  });

  test('what speaks for one of two labels speaks against the other', async () => {
    const text = 'harbour wall';
    const model = adder({ harbour: 1.25, wall: -0.5 });
    expect(named(await model.explain(text, 'no'), text)).toEqual([['harbour', -1.25], ['wall', 0.5]]); // biome-ignore format: a table
  });

  test('of a pair, spans name their text', async () => {
    const input = ['old harbour', 'new harbour'] as const;
    const answer = await adder({ old: 1, new: -2, harbour: 0.5 }).explain(input);
    expect(answer.spans.map(({ of }) => of)).toEqual(['text', 'text', 'pair', 'pair']);
    expect(named(answer, input)).toEqual([['old', 1], ['harbour', 0.5], ['new', -2], ['harbour', 0.5]]); // biome-ignore format: a table
  });

  test('a text without a word has no spans and costs nothing', async () => {
    for (const text of ['', ' \r\n\t ', '\u200b\u00ad', '\ud800']) {
      const model = adder({});
      expect(await model.explain(text)).toMatchObject({ spans: [], whole: 0.25, empty: 0.25 });
      expect(model.asked).toEqual([]);
    }
  });

  test('what was not read has no span, and does not step into the place of what is left out', async () => {
    const text = 'one two three four five six seven';
    const answer = await adder({ one: 1, two: 2, three: 3, four: 40, five: 50 }, { most: 3 }).explain(text);
    expect(named(answer, text)).toEqual([['one', 1], ['two', 2], ['three', 3]]); // biome-ignore format: a table
    const pair = ['one two three four', 'five five five five six'] as const;
    const ofPair = await adder({ one: 1, four: 40, five: 5, six: 60 }, { most: 3 }).explain(pair);
    expect(named(ofPair, pair)).toEqual([['one', 1], ['two', 0], ['three', 0], ['five', 5], ['five', 5], ['five', 5]]); // biome-ignore format: a table
  });
});

describe('more words than calls', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const word = (i: number): string => `${letters[Math.floor(i / 26) % 26]}${letters[i % 26]}`;
  const long = Array.from({ length: 300 }, (_, i) => `${word(i)}${i % 12 === 11 ? '.' : ''}`).join(' ');

  test.each([8, 9, 16, 33, 64, 200])('with %i calls no more are made, and every word is in one span', async (calls) => {
    const model = adder({ [word(100)]: 3, [word(7)]: 1 }, { calls });
    const { spans } = await model.explain(long);
    expect(model.asked.length).toBeLessThanOrEqual(calls);
    expect(model.asked.length).toBeGreaterThan(calls / 2);
    const covered = spans.flatMap(({ start, end }) => splitWords(long.slice(start, end)).map((place) => long.slice(start + place.start, start + place.end))); // biome-ignore format: one idea
    expect(covered).toEqual(splitWords(long).map(({ start, end }) => long.slice(start, end)));
    for (const [i, { start }] of spans.entries()) expect(start).toBeGreaterThanOrEqual(spans[i - 1]?.end ?? 0);
  });

  test('the strongest words are found, each by itself', async () => {
    const weights = { [word(100)]: 3, [word(7)]: 1, [word(250)]: -2 };
    const { spans } = await adder(weights, { calls: 64 }).explain(long);
    const strongest = [...spans].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, 3);
    expect(strongest.map(({ start, end, kind, weight }) => [long.slice(start, end), kind, weight])).toEqual([[word(100), 'word', 3], [word(250), 'word', -2], [word(7), 'word', 1]]); // biome-ignore format: a table
  });

  test('of a pair, both texts share the calls', async () => {
    const model = adder({ [word(9)]: 1 }, { calls: 20 });
    const { spans } = await model.explain([long, 'two words']);
    expect(model.asked.length).toBeLessThanOrEqual(20);
    expect(new Set(spans.map(({ of }) => of))).toEqual(new Set(['text', 'pair']));
  });

  test('a text of ten thousand words ends in one passage', async () => {
    const text = 'wa '.repeat(10_000);
    const model = adder({ wa: 0.001 }, { calls: 32 });
    const { spans } = await model.explain(text);
    expect(model.asked.length).toBeLessThanOrEqual(32);
    expect(spans.at(-1)).toMatchObject({ kind: 'passage', start: 3_000, end: text.length });
  });
});

test('the same question has the same answer', async () => {
  const text = 'The harbour wall fell. Nobody saw it! 台风明日登陆。'.repeat(8);
  const weights = { harbour: 1, Nobody: -0.3 };
  const [first, second] = [adder(weights, { calls: 30 }), adder(weights, { calls: 30 })];
  expect(await second.explain(text)).toEqual(await first.explain(text));
  expect(second.asked).toEqual(first.asked);
});

test('an answer that cannot be had is the rejection of whoever was asked', async () => {
  const explain = createOcclusion({ ask: () => Promise.reject(new Error('no')), read: async () => [], calls: 8 });
  const rules = { labels: ['a', 'b'], activation: 'softmax' as const, temperature: 1 };
  await expect(explain({ input: 'one two', rules, label: 'a', logits: [1, 0], truncated: false })).rejects.toThrow('no');
});
