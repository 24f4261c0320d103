/** @file Pairs, several labels and values, from the request to the verdict. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBundle } from '../../models/bundle/node.js';
import { createClassifier, type LabelVerdict, toVerdict, type ValueVerdict } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import { classifyResponseSchema, modelsResponseSchema } from '../protocol/index.js';
import { classify } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { type RunningServer, startServer } from './start-server.js';

const limits = { texts: 40, queueTexts: 80 };
const none = { labels: {} };
let server: RunningServer;
const folders: string[] = [];

beforeAll(async () => {
  folders.push(
    await writeSampleBundle({ name: 'pairs', manifest: { text: { maxTokens: 40, input: 'pair', pairs: 'both-orders' } } }),
    await writeSampleBundle({ name: 'topics', manifest: { labels: ['arts', 'sport', 'rumour'], activation: 'sigmoid', policy: { labels: { rumour: { review: 0.5, block: 0.9 } } }, thresholds: { arts: 0.4 } } }), // biome-ignore format: one line a bundle
    await writeSampleBundle({ name: 'value', manifest: { labels: ['anger'], activation: 'none', policy: none } }),
    await writeSampleBundle({ name: 'values', manifest: { labels: ['anger', 'joy'], activation: 'none', policy: none } }),
  );
  server = await startServer({ models: folders, port: 0, workers: 2, limits, page: '/nowhere', logLevel: 'silent' });
});
afterAll(async () => {
  await server.close();
  for (const folder of folders) await rm(folder, { recursive: true });
});

const pairs = [
  ['The council voted on Tuesday', 'A vote of the council'],
  ['You will never guess', 'Scientists report the first sighting of the river otter in sixty years, and in two rivers at that'],
  ['', 'rail services resume'],
] as const;

describe('pairs in both orders', () => {
  const asked = pairs.map(([text, pair]) => ({ text, pair }));

  test('the server scores as the same bundle does here', async () => {
    const { body } = await classify(server.url, { texts: asked, model: 'pairs' });
    const { manifest, modelPath, tokenizerJson } = await readBundle(join(folders[0]!, 'pairs', 'v1'));
    const session = await createSession(modelPath());
    const parts = { session, tokenizer: createTokenizer(tokenizerJson), ...manifest.text };
    const { logits, truncated } = await createClassifier(parts).logits(pairs);
    const there = body.results as LabelVerdict[];
    for (const [i, row] of logits.entries()) {
      const here = toVerdict(manifest, row, truncated[i]) as LabelVerdict;
      expect({ ...there[i], score: 0, scores: 0 }).toEqual({ ...here, score: 0, scores: 0 });
      for (const [label, score] of Object.entries(here.scores)) expect(Math.abs(there[i]!.scores[label]! - score)).toBeLessThan(1e-6);
    }
    expect(there.map((verdict) => verdict.truncated)).toEqual([undefined, true, undefined]);
    const once = await createClassifier({ ...parts, pairs: 'as-given' }).logits(pairs);
    expect(Math.abs(once.logits[0]![0]! - logits[0]![0]!)).toBeGreaterThan(1e-4); // the order matters to the model itself
    await session.dispose();
  });

  test('swapping the two texts changes nothing', async () => {
    for (const { text, pair } of asked) {
      const one = (await classify(server.url, { text, pair, model: 'pairs' })).body as unknown as LabelVerdict;
      const other = (await classify(server.url, { text: pair, pair: text, model: 'pairs' })).body as unknown as LabelVerdict;
      expect(other.label).toBe(one.label);
      for (const [label, score] of Object.entries(one.scores)) expect(Math.abs(other.scores[label]! - score)).toBeLessThan(1e-6);
    }
  });

  test('a full request of pairs is answered', async () => {
    const texts = Array.from({ length: limits.texts }, (_, i) => ({ text: `vote ${i}`, pair: 'the council' }));
    expect((await classify(server.url, { texts, model: 'pairs' })).status).toBe(200);
  });

  test('a queue that could not hold one is refused when the server starts', async () => {
    const started = startServer({ models: [folders[0]!], port: 0, limits: { texts: 41, queueTexts: 80 }, logLevel: 'silent' });
    await expect(started).rejects.toMatchObject({ code: 'serving/start', message: expect.stringMatching(/pairs@v1 reads in both orders/) });
  });
});

test('a single text for a model of pairs is refused, and a pair for one of single texts', async () => {
  const missing = await classify(server.url, { texts: [{ text: 'a', pair: 'b' }, 'c'], model: 'pairs' });
  expect(missing).toMatchObject({
    status: 422,
    body: { error: { code: 'pair-missing', message: expect.stringMatching(/text 1, .*pairs@v1/) } },
  });
  const alone = await writeSampleBundle({ name: 'alone' });
  folders.push(alone);
  const other = await startServer({ models: [alone], port: 0, workers: 1, page: '/nowhere', logLevel: 'silent' });
  const unexpected = await classify(other.url, { text: 'a', pair: 'b' });
  expect(unexpected).toMatchObject({ status: 422, body: { error: { code: 'pair-unexpected', fix: 'leave "pair" out' } } });
  await other.close();
});

test('several labels: all that reach their threshold are named, and the policy decides by its own', async () => {
  const texts = Array.from({ length: 30 }, (_, i) => `the ${i} baker hid a secret in oven number ${i % 7}`);
  const answer = classifyResponseSchema.parse((await classify(server.url, { texts, model: 'topics' })).body);
  const verdicts = answer.results as LabelVerdict[];
  for (const { labels, scores, decision } of verdicts) {
    const expected = Object.entries(scores).filter(([label, score]) => score >= (label === 'arts' ? 0.4 : 0.5));
    expect(labels).toEqual(expected.sort(([, a], [, b]) => b - a).map(([label]) => label));
    expect(decision).toBe(scores.rumour! >= 0.9 ? 'block' : scores.rumour! >= 0.5 ? 'review' : 'publish');
  }
});

test('values: named, and where there is one it stands by itself too', async () => {
  const one = (await classify(server.url, { text: 'the council', model: 'value' })).body as unknown as ValueVerdict;
  expect(one).toMatchObject({ values: { anger: one.value }, decision: 'publish', threshold: null, decidedBy: null });
  expect(Number.isFinite(one.value)).toBe(true);
  const two = classifyResponseSchema.parse((await classify(server.url, { texts: ['the council'], model: 'values' })).body);
  expect(Object.keys((two.results as ValueVerdict[])[0]!.values)).toEqual(['anger', 'joy']);
  expect(two.results[0]).not.toHaveProperty('value');
});

test('the list of models says what each wants and gives', async () => {
  const { models } = modelsResponseSchema.parse(await (await fetch(`${server.url}/models`)).json());
  expect(models).toMatchObject([
    { name: 'pairs', input: 'pair', pairs: 'both-orders', maxTokens: 40 },
    { name: 'topics', input: 'single', pairs: 'as-given', activation: 'sigmoid', thresholds: { arts: 0.4 } },
    { name: 'value', activation: 'none' },
    { name: 'values', activation: 'none' },
  ]);
});
