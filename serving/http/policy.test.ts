/** @file A server with a policy file: every answer says what decided, for each client by what holds for it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LabelVerdict, Verdict } from '../../models/index.js';
import { classifyResponseSchema, modelsResponseSchema } from '../protocol/index.js';
import { classify } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { type RunningServer, startServer } from './start-server.js';

let server: RunningServer;
let folder: string;
const bundles: string[] = [];
const logged: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
const path = () => join(folder, 'policy.json');

const policy = {
  name: 'newsroom',
  thresholds: { sample: { clickbait: { review: 0, block: null } }, values: { anger: { review: -1000, block: 1000 } } },
  lists: {
    slurs: { action: 'block', language: 'en', words: ['zounds'] },
    names: { action: 'review', words: ['Ann Other'] },
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-served-policy-'));
  bundles.push(
    await writeSampleBundle(),
    await writeSampleBundle({ name: 'values', manifest: { labels: ['anger'], activation: 'none', policy: { labels: {} } } }),
    await writeSampleBundle({
      name: 'pairs',
      manifest: { activation: 'sigmoid', thresholds: {}, text: { maxTokens: 64, input: 'pair', pairs: 'both-orders' } },
    }),
  );
  await writeFile(path(), JSON.stringify(policy));
  server = await startServer({ models: bundles, port: 0, workers: 1, page: '/nowhere', policy: path() }, log);
});
afterAll(async () => {
  await server.close();
  for (const made of [folder, ...bundles]) await rm(made, { recursive: true });
});
beforeEach(() => change({}));

/** The policy with some keys changed, in force. */
async function change(keys: object): Promise<void> {
  await writeFile(path(), JSON.stringify({ ...policy, ...keys }));
  await server.reloadPolicy();
}

async function ask(body: object): Promise<Verdict> {
  const reply = await classify(server.url, body);
  expect(reply.status).toBe(200);
  return classifyResponseSchema.parse(reply.body).results[0] as Verdict;
}

test('each answer names the rule that decided it, and the policy it is of', async () => {
  expect(await ask({ text: 'the council' })).toMatchObject({
    decision: 'review',
    rule: { kind: 'threshold', label: 'clickbait', threshold: 0 },
    policy: expect.stringMatching(/^newsroom@[0-9a-f]{12}$/),
  });
  expect(await ask({ text: 'ZOUNDS, the council' })).toMatchObject({
    decision: 'block',
    rule: { kind: 'word', list: 'slurs', word: 'zounds' },
    threshold: null,
    decidedBy: null,
  });
  await change({ thresholds: { sample: { clickbait: { review: 1, block: 1 } } } });
  expect(await ask({ text: 'the council' })).toMatchObject({ decision: 'publish', rule: { kind: 'none' }, threshold: 1 });
});

test('of several texts each has its own rule; a list of another language does not count', async () => {
  const texts = ['zounds', 'ann other', 'the council'];
  const named = async (body: object) => ((await classify(server.url, body)).body.results as LabelVerdict[]).map(({ rule }) => rule.kind);
  expect(await named({ texts })).toEqual(['word', 'word', 'threshold']);
  expect(await named({ texts, language: 'de-CH' })).toEqual(['threshold', 'word', 'threshold']);
});

test('values are held by the file, pairs by words of either text', async () => {
  const held = { decision: 'review', rule: { kind: 'threshold', label: 'anger', threshold: -1000 } };
  expect(await ask({ text: 'the council', model: 'values' })).toMatchObject(held);
  const pair = await ask({ text: 'the council', pair: 'said Ann  Other', model: 'pairs' });
  expect(pair).toMatchObject({ labels: expect.any(Array), rule: { kind: 'word', list: 'names', word: 'Ann Other' } });
});

test('what only observes publishes, says what it would have done, and counts it apart', async () => {
  await change({ observe: true });
  expect(await ask({ text: 'zounds' })).toMatchObject({ decision: 'publish', observed: 'block', rule: { kind: 'word', list: 'slurs' } });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(
    /copydesk_rules_total\{model="sample",version="v1",kind="word",name="slurs",decision="block",mode="observed"\} [1-9]/,
  );
});

test('a client has its own variant, in answers as in GET /models', async () => {
  await change({
    variants: { lenient: { thresholds: { sample: { clickbait: { review: null } } }, use: [] } },
    clients: { '127.0.0.1': 'lenient' },
  });
  expect(await ask({ text: 'zounds' })).toMatchObject({ decision: 'publish', policy: expect.stringMatching(/^newsroom\/lenient@/) });
  const read = async () => modelsResponseSchema.parse(await (await fetch(`${server.url}/models`)).json()).models[0]!.policy;
  expect(await read()).toEqual({ clickbait: { review: null, block: null } });
  await change({ clients: {} });
  expect(await read()).toEqual({ clickbait: { review: 0, block: null } });
});

test('a policy that cannot be used is logged and changes nothing', async () => {
  logged.length = 0;
  await change({ thresholds: { sample: { clikbait: { review: 0.5 } } } });
  expect(logged.join('')).toMatch(/did you mean \\"clickbait\\"/);
  expect(await ask({ text: 'zounds' })).toMatchObject({ decision: 'block' });
});

test('a server does not start with a policy that does not fit its models', async () => {
  const wrong = join(folder, 'wrong.json');
  await writeFile(wrong, JSON.stringify({ thresholds: { sample: { clickbait: { block: { precision: 0.9 } } } } }));
  await expect(startServer({ models: bundles, port: 0, policy: wrong }, log)).rejects.toThrow(/has no number yet/);
});

test('neither words nor texts are in the log or the metrics', async () => {
  logged.length = 0;
  await ask({ text: 'zounds, said the council' });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  for (const said of [logged.join(''), metrics]) expect(said).not.toMatch(/zounds|council/);
});
