/** @file `copydesk/client` in Node, against a server. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, createClient } from '../client/remote/index.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { type RunningServer, startServer } from './start-server.js';

let server: RunningServer;
let client: Client;
let models: string;

beforeAll(async () => {
  models = await writeSampleBundle();
  server = await startServer({ models: [models], port: 0, workers: 1, logLevel: 'silent', limits: { characters: 1_000 } });
  client = createClient({ url: server.url });
});
afterAll(async () => {
  client?.dispose();
  await server?.close();
  await rm(models, { recursive: true });
});

test('says what answers, and answers one text and many', async () => {
  expect(await client.ready()).toMatchObject({ name: 'sample', version: 'v1', labels: ['clickbait', 'news'], input: 'single' });
  const texts = Array.from({ length: 150 }, (_, i) => `The council voted ${i} times`);
  const [one, many] = await Promise.all([client.classify(texts[0]!), client.classify(texts)]);
  expect(many).toHaveLength(150);
  expect(many.map(({ model }) => model)).toEqual(Array(150).fill('sample'));
  expect(one).toMatchObject({ decision: many[0]!.decision, version: 'v1' });
});

test('explains more texts than a request may hold', async () => {
  const answers = await client.classify(
    Array.from({ length: 9 }, (_, i) => `The harbour ${i}`),
    { explain: { label: 'news' } },
  );
  for (const { explanation } of answers) expect(explanation).toMatchObject({ label: 'news', unit: 'log-odds' });
});

test('each caller is told what is wrong with its own text', async () => {
  const settled = await Promise.allSettled([
    client.classify('short'),
    client.classify('long '.repeat(300)),
    client.classify({ text: 'a', pair: 'b' }),
  ]);
  expect(settled.map((one) => (one.status === 'fulfilled' ? one.value.model : one.reason.code))).toEqual([
    'sample',
    'text-too-long',
    'pair-unexpected',
  ]);
  const stranger = createClient({ url: server.url, model: 'nobody' });
  await expect(stranger.classify('a')).rejects.toMatchObject({ code: 'unknown-model', status: 404 });
});
