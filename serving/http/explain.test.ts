/** @file `explain` on `/classify`, over HTTP, with models of every kind. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Explanation } from '../protocol/index.js';
import { writeDialectModels } from '../testing/dialect-server.js';
import { classify } from '../testing/http.js';
import { type RunningServer, startServer } from './start-server.js';

let files: Awaited<ReturnType<typeof writeDialectModels>>;
let server: RunningServer;

beforeAll(async () => {
  files = await writeDialectModels();
  server = await startServer({ models: files.models, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere', limits: { explainTexts: 3 } }); // biome-ignore format: one line
});
afterAll(async () => {
  await server.close();
  await files.remove();
});

const text = 'You will never guess, café 👩🏽‍🚒\r\nwhat 台风明日 hid!';
type Answered = { readonly explanation?: Explanation; readonly unexplained?: string; readonly label: string; readonly scores: Record<string, number> }; // biome-ignore format: one line
const ask = async (body: object) => {
  const { status, body: answer } = await classify(server.url, body);
  expect(status, JSON.stringify(answer)).toBe(200);
  return answer as unknown as Answered & { readonly results: readonly Answered[] };
};
const wordsOf = ({ spans }: Explanation, ...texts: readonly string[]) => spans.map(({ of, start, end }) => texts[of === 'text' ? 0 : 1]!.slice(start, end)); // biome-ignore format: one line

describe('an explanation', () => {
  test('has spans in UTF-16 of the text as it was sent, and stands beside a verdict that is the same without it', async () => {
    const plain = await ask({ text });
    const { explanation, results, ...rest } = await ask({ text, explain: true });
    expect(wordsOf(explanation!, text)).toEqual([
      'You',
      'will',
      'never',
      'guess',
      ',',
      'café',
      '👩🏽‍🚒',
      'what',
      '台风',
      '明日',
      'hid',
      '!',
    ]);
    expect(explanation).toMatchObject({ method: 'occlusion', unit: 'log-odds', label: plain.label });
    const { results: _, ...same } = plain;
    expect(rest).toEqual(same);
    expect(results[0]!.explanation).toEqual(explanation);
    expect(explanation!.whole).toBeCloseTo(Math.log(plain.scores[plain.label]! / (1 - plain.scores[plain.label]!)), 3);
  });

  test('says what the label loses: leaving a word out gives that score', async () => {
    const { explanation, label } = await ask({ text: 'The council voted on Tuesday', explain: true });
    const without = await ask({ text: 'The council on Tuesday' });
    const [word] = explanation!.spans.filter(({ start }) => start === 'The council '.length);
    const score = without.scores[label]!;
    expect(explanation!.whole - word!.weight).toBeCloseTo(Math.log(score / (1 - score)), 3);
  });

  test('is of the label that was asked for, and the same each time', async () => {
    const of = (label: string) => ask({ text, explain: { label } });
    const [clickbait, news, again] = [await of('clickbait'), await of('news'), await of('clickbait')];
    expect(news.explanation!.label).toBe('news');
    for (const [i, { weight }] of news.explanation!.spans.entries())
      expect(weight).toBeCloseTo(-clickbait.explanation!.spans[i]!.weight, 3);
    expect(again.explanation).toEqual(clickbait.explanation);
  });

  test('comes for each text of a list', async () => {
    const texts = ['The council voted', '', 'harbour wall'];
    const { results, explanation } = await ask({ texts, explain: true });
    expect(explanation).toBeUndefined();
    expect(results.map((one, i) => wordsOf(one.explanation!, texts[i]!))).toEqual([['The', 'council', 'voted'], [], ['harbour', 'wall']]);
  });

  test('of several labels, of values and of pairs', async () => {
    expect((await ask({ text, model: 'topics', explain: true })).explanation).toMatchObject({ unit: 'log-odds' });
    const values = await ask({ text, model: 'values', explain: { label: 'joy' } });
    expect(values.explanation).toMatchObject({ unit: 'value', label: 'joy' });
    expect((await ask({ text, model: 'values', explain: true })).explanation!.label).toBe('anger');
    const pair = 'not the harbour';
    const read = await ask({ text: 'the harbour', pair, model: 'pairs', explain: true });
    expect(wordsOf(read.explanation!, 'the harbour', pair)).toEqual(['the', 'harbour', 'not', 'the', 'harbour']);
  });

  test('of a text that is too long is of the part that was read', async () => {
    const long = 'harbour wall '.repeat(200);
    const { explanation } = await ask({ text: long, explain: true });
    expect(explanation!.spans.length).toBeGreaterThan(10);
    expect(explanation!.spans.at(-1)!.end).toBeLessThan(900);
  });

  test('is not there where nobody asked', async () => {
    for (const answer of [await ask({ text }), await ask({ text, explain: false })]) {
      expect(answer).not.toHaveProperty('explanation');
      expect(answer).not.toHaveProperty('unexplained');
    }
  });
});

describe('what cannot be explained', () => {
  test.each([
    ['another kind of wish', 400, 'invalid-request', { explain: 'yes' }],
    ['a wish with unknown words', 400, 'invalid-request', { explain: { depth: 3 } }],
    ['a label that is none', 422, 'unknown-label', { explain: { label: 'sport' } }],
  ])('%s', async (_what, status, code, more) => {
    expect(await classify(server.url, { text, ...more })).toMatchObject({ status, body: { error: { code } } });
  });

  test('too many texts at once', async () => {
    const { status, body } = await classify(server.url, { texts: ['a', 'b', 'c', 'd'], explain: true });
    expect([status, body]).toMatchObject([422, { error: { code: 'too-many-texts' } }]);
    expect((await classify(server.url, { texts: ['a', 'b', 'c', 'd'] })).status).toBe(200);
  });
});

test('a server that does not explain says so, beside the verdict', async () => {
  const other = await startServer({ models: files.models, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere', limits: { explainTexts: 0 } }); // biome-ignore format: one line
  const { status, body } = await classify(other.url, { text, explain: true });
  expect([status, body]).toMatchObject([200, { label: expect.any(String), unexplained: 'off', results: [{ unexplained: 'off' }] }]);
  await other.close();
});
