/** @file `explain` on `/classify`, with a model whose bundle has an explain graph. */
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../models/bundle/node.js';
import { zooBundle } from '../../test/zoo-bundle.js';
import type { Explanation } from '../protocol/index.js';
import { classify } from '../testing/http.js';
import { type RunningServer, startServer } from './start-server.js';

let models: string;
let bundle: Bundle;
let server: RunningServer;
beforeAll(async () => {
  ({ models, bundle } = await zooBundle('headlines-en'));
  server = await startServer({ models: [models], port: 0, workers: 2, logLevel: 'silent', page: '/nowhere' });
});
afterAll(async () => {
  await server.close();
  await rm(models, { recursive: true });
});

type Answered = { readonly explanation: Explanation; readonly scores: Record<string, number>; readonly label: string; readonly unexplained?: string }; // biome-ignore format: one idea
const ask = async (body: object) => {
  const { status, body: answer } = await classify(server.url, body);
  expect(status, JSON.stringify(answer)).toBe(200);
  return answer as unknown as Answered & { readonly results: readonly Answered[] };
};
const texts = [
  "You won't believe what this baker hid in her oldest oven 👩🏽‍🚒",
  'The council voted on Tuesday to repair the harbour wall before the winter storms',
];
const sum = ({ spans }: Explanation) => spans.reduce((total, { weight }) => total + weight, 0);

test('is by integrated gradients: the weights of the words add up to what lies between the text and no text', async () => {
  const { results } = await ask({ texts, explain: true });
  for (const [i, { explanation, label, scores }] of results.entries()) {
    const { method, whole, empty, spans } = explanation;
    expect(method).toBe('integrated-gradients');
    expect(whole).toBeCloseTo(Math.log(scores[label]! / (1 - scores[label]!)), 3);
    expect(Math.abs(whole - empty - sum(explanation))).toBeLessThan(0.05 * Math.abs(whole - empty) + 0.03);
    expect(spans.map(({ start, end }) => texts[i]!.slice(start, end)).slice(0, 3)).toEqual(i === 0 ? ['You', "won't", 'believe'] : ['The', 'council', 'voted']); // biome-ignore format: one idea
    expect(spans.every(({ kind, of }) => kind === 'word' && of === 'text')).toBe(true);
  }
});

test('is the same each time, whatever else is explained beside it, and what speaks for one of two labels speaks against the other', async () => {
  const alone = (await ask({ text: texts[1]!, explain: true })).explanation;
  const [beside, again] = await Promise.all([ask({ texts, explain: true }), ask({ text: texts[1]!, explain: true })]);
  for (const other of [beside.results[1]!.explanation, again.explanation])
    for (const [i, { weight }] of other.spans.entries()) expect(weight).toBeCloseTo(alone.spans[i]!.weight, 2);
  const { explanation: against } = await ask({ text: texts[1]!, explain: { label: 'clickbait' } });
  for (const [i, { weight }] of against.spans.entries()) expect(weight).toBeCloseTo(-alone.spans[i]!.weight, 2);
});

test('leaves words out where that is asked for', async () => {
  const { explanation } = await ask({ text: texts[1]!, explain: { method: 'occlusion' } });
  expect(explanation.method).toBe('occlusion');
  const { status } = await classify(server.url, { text: 'a', explain: { method: 'guess' } });
  expect(status).toBe(400);
});

test('of a text that is cut is of the part that was read', async () => {
  const { explanation } = await ask({ text: 'harbour wall '.repeat(400), explain: true });
  expect(explanation.method).toBe('integrated-gradients');
  expect(explanation.spans).toHaveLength(bundle.manifest.text.maxTokens - 2);
});

describe('the weights on the disk', () => {
  test('that have changed since the model was loaded are not read, and the verdict comes all the same', async () => {
    const other = await zooBundle('headlines-en');
    const fresh = await startServer({ models: [other.models], port: 0, workers: 1, logLevel: 'silent', page: '/nowhere' });
    await appendFile(join(other.bundle.folder, 'onnx', 'model.onnx'), 'x');
    const { status, body } = await classify(fresh.url, { text: texts[0]!, explain: true });
    expect([status, body]).toMatchObject([200, { label: 'clickbait', unexplained: 'failed' }]);
    await fresh.close();
    await rm(other.models, { recursive: true });
  });
});
