import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashSecret, makeApiKey, type Scope, writeApiKey, writeKeyFile } from '../access/index.js';
import type { ReviewItem } from '../protocol/index.js';
import { classify } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { type RunningServer, startServer } from './start-server.js';

let folder: string;
let models: string[];
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-review-'));
  const everything = { labels: { clickbait: { review: 0, block: null } } };
  models = [
    await writeSampleBundle({ manifest: { policy: everything } }),
    await writeSampleBundle({
      name: 'topics',
      manifest: { labels: ['arts', 'rumour'], activation: 'sigmoid', policy: { labels: { rumour: { review: 0, block: null } } } },
    }),
  ];
});
afterAll(async () => {
  for (const made of [folder, ...models]) await rm(made, { recursive: true });
});

const fresh = (): string => join(folder, `${++count}.db`);

async function start(more: object = {}, review: object = {}) {
  const file = fresh();
  const server = await startServer({
    models,
    defaultModel: 'sample',
    port: 0,
    workers: 1,
    logLevel: 'silent',
    page: '/nowhere',
    review: { file, ...review },
    ...more,
  });
  return { server, file, ...callsTo(server) };
}

type Answer = { readonly status: number; readonly body: Record<string, unknown>; readonly text: string };

function callsTo({ url }: RunningServer, headers: Record<string, string> = {}) {
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(url + path, { ...init, headers: { ...headers, ...(init.headers as object) } });
    const text = await response.text();
    const json = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, text, body: json ? (JSON.parse(text) as Record<string, unknown>) : {} };
  };
  const post = (path: string, body: object) =>
    ask(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  return { ask, post };
}

const itemsOf = ({ body }: Answer): ReviewItem[] => body.items as ReviewItem[];
const metricsOf = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();

describe('a server that keeps what the policy holds', () => {
  let server: RunningServer;
  let ask: ReturnType<typeof callsTo>['ask'];
  let post: ReturnType<typeof callsTo>['post'];
  beforeAll(async () => {
    ({ server, ask, post } = await start());
  });
  afterAll(() => server.close());

  test('says of each held text that it is queued, under which id, and gives it to one reviewer, then to nobody', async () => {
    const texts = [{ text: 'The harbour wall', id: 'story-1' }, 'A new ferry'];
    const { status, body } = await classify(server.url, { texts, language: 'en' });
    const results = body.results as { review: { queued: boolean; id: string }; label: string; scores: object }[];
    expect([status, results.map(({ review }) => review.queued)]).toEqual([200, [true, true]]);
    const listed = await ask('/review?status=open&limit=10');
    expect(itemsOf(listed)[0]).toMatchObject({
      id: results[0]!.review.id,
      text: 'The harbour wall',
      ref: 'story-1',
      language: 'en',
      client: '127.0.0.1',
      model: 'sample@v1',
      decision: 'review',
      scores: results[0]!.scores,
      rule: { kind: 'threshold', label: 'clickbait' },
    });
    const [mine] = itemsOf(await post('/review/claim', { reviewer: 'ana' }));
    const [theirs] = itemsOf(await post('/review/claim', { reviewer: 'ben' }));
    expect([mine!.text, theirs!.text]).toEqual(['The harbour wall', 'A new ferry']);
    expect((await post('/review/claim', { reviewer: 'cyn' })).body).toEqual({ items: [], open: 0 });
    const taken = await post(`/review/${mine!.id}/decision`, { action: 'publish', reviewer: 'ben' });
    expect(taken).toMatchObject({ status: 409, body: { error: { code: 'item-taken', message: 'somebody else has claimed it' } } });
    const decision = { action: 'publish', label: 'news', note: 'a report', reviewer: 'ana' };
    const done = await post(`/review/${mine!.id}/decision`, decision);
    expect(done).toMatchObject({ status: 200, body: { status: 'decided', outcome: { label: 'news', by: '127.0.0.1/ana' } } });
    expect(await post(`/review/${mine!.id}/decision`, decision)).toMatchObject({ status: 409 });
    expect(await post(`/review/${theirs!.id}/release`, { reviewer: 'ben' })).toMatchObject({ status: 200, body: { status: 'open' } });
    expect(await post('/review/nobody/decision', { action: 'block' })).toMatchObject({ status: 404 });
    const lines = (await ask('/review/export?source=review')).text.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ text: 'The harbour wall', label: 'news', ref: 'story-1' }]);
  });

  test('what another protocol asks is held as well, unless it says that nothing is to be stored', async () => {
    const comment = (text: string) => ({ comment: { text }, requestedAttributes: { clickbait: {} } });
    await post('/v1alpha1/comments:analyze', comment('A comment to keep'));
    await post('/v1alpha1/comments:analyze', { ...comment('A comment to forget'), doNotStore: true });
    const { body } = await classify(server.url, { text: 'Also to forget', do_not_store: true });
    expect(body).not.toHaveProperty('review');
    const texts = itemsOf(await ask('/review?limit=200')).map(({ text }) => text);
    expect(texts).toContain('A comment to keep');
    expect(texts.filter((text) => text.includes('forget'))).toEqual([]);
  });

  test('feedback is kept with who sent it, in the form of the model; the same key again changes nothing', async () => {
    const given = { text: 'A headline', label: 'news', idempotencyKey: 'f-1' };
    const first = await post('/feedback', given);
    expect(first).toMatchObject({ status: 200, body: { repeated: false } });
    expect((await post('/feedback', given)).body).toEqual({ ...first.body, repeated: true });
    await post('/feedback', { text: 'Several', scores: { arts: 0.9, rumour: 0.8 }, model: 'topics' });
    const attributeScores = { clickbait: { summaryScore: { value: 0.9 } } };
    expect((await post('/v1alpha1/comments:suggestscore', { comment: { text: 'Suggested' }, attributeScores })).status).toBe(200);
    const rows = (await ask('/review/export?source=feedback')).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(rows).toMatchObject([
      { text: 'A headline', label: 'news', client: '127.0.0.1', model: 'sample@v1' },
      { text: 'Several', labels: ['arts', 'rumour'], model: 'topics@v1' },
      { text: 'Suggested', label: 'clickbait', scores: { clickbait: 0.9 }, client: '127.0.0.1' },
    ]);
  });

  test('erases by text, and says that nothing is left in the files', async () => {
    await classify(server.url, { text: 'Erase me' });
    expect((await post('/review/erase', { text: 'Erase me' })).body).toEqual({ erased: 1, cleaned: true });
    expect((await post('/review/erase', { text: 'Erase me' })).body).toEqual({ erased: 0, cleaned: true });
    expect(itemsOf(await ask('/review?limit=200')).some(({ text }) => text === 'Erase me')).toBe(false);
  });

  test.each<[string, string, object | undefined, RegExp]>([
    ['a list of another length', '/review?limit=0', undefined, /"limit"/],
    ['a status that is none', '/review?status=lost', undefined, /"status"/],
    ['a cursor that is none', '/review?cursor=abc', undefined, /"cursor"/],
    ['a time that is none', '/review/export?since=yesterday', undefined, /"since"/],
    ['a claim of nothing', '/review/claim', { count: 0 }, /"count"/],
    ['a decision of nothing', '/review/x/decision', {}, /nothing is decided/],
    ['both a label and labels', '/review/x/decision', { label: 'a', labels: ['a'] }, /both/],
    ['an erasure of everything', '/review/erase', {}, /the body/],
    ['feedback without an opinion', '/feedback', { text: 'a' }, /one of "label", "labels" and "scores"/],
    ['feedback of two opinions', '/feedback', { text: 'a', label: 'news', scores: { news: 1 } }, /one of/],
    ['an id without its text', '/classify', { texts: ['a'], id: 'b' }, /"id" was given without "text"/],
  ])('refuses %s', async (_what, path, body, message) => {
    const answer = body ? await post(path, body) : await ask(path);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid-request', message: expect.stringMatching(message) } } });
  });

  test('labels that are none of the model have codes of their own, in feedback and in decisions', async () => {
    const [item] = itemsOf(await ask('/review?limit=1&status=open'));
    for (const [path, body] of [
      ['/feedback', { text: 'a', label: 'sport' }],
      ['/feedback', { text: 'a', scores: { sport: 1 } }],
      [`/review/${item!.id}/decision`, { label: 'sport' }],
    ] as const)
      expect(await post(path, body)).toMatchObject({ status: 422, body: { error: { code: 'unknown-label' } } });
    const several = await post('/feedback', { text: 'a', labels: ['news'] });
    expect(several).toMatchObject({ status: 422, body: { error: { code: 'labels-unexpected', message: 'the model gives one label' } } });
  });

  test('counts what it does, and says that it can', async () => {
    expect((await ask('/health/ready')).body).toEqual({ ready: true, review: 'up' });
    await expect.poll(() => metricsOf(server.url), { timeout: 10_000 }).toMatch(/copydesk_review_items\{status="decided"\} 1/);
    const metrics = await metricsOf(server.url);
    expect(metrics).toMatch(/copydesk_review_texts_total\{outcome="queued"\} [4-9]/);
    expect(metrics).toMatch(/copydesk_review_decisions_total\{action="publish",agrees="(true|false)"\} 1/);
    expect(metrics).toMatch(/copydesk_feedback_total 3/);
    expect(metrics).toMatch(/copydesk_review_up 1/);
  });

  test('whoever comes through a proxy, or from the page of another, has no part in it', async () => {
    const { hostname, port } = new URL(server.url);
    const status = (headers: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const asked = send({ hostname, port, path: '/review', headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        asked.on('error', reject).end();
      });
    expect(await status({})).toBe(200);
    expect(await status({ 'x-forwarded-for': '203.0.113.9' })).toBe(403);
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ host: `evil.example:${port}` })).toBe(403);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(200);
  });
});

test('without the setting nothing is kept, and none of the paths is there', async () => {
  const { server, ask, post } = await start({ review: undefined });
  const { body } = await classify(server.url, { text: 'A headline' });
  expect(body.decision).toBe('review');
  expect(body).not.toHaveProperty('review');
  for (const path of ['/review', '/review/export']) expect((await ask(path)).status).toBe(404);
  expect((await post('/feedback', { text: 'a', label: 'news' })).status).toBe(404);
  expect((await ask('/health/ready')).body).toEqual({ ready: true });
  const { paths } = (await ask('/openapi.json')).body as { paths: object };
  expect(Object.keys(paths).filter((path) => /review|feedback/.test(path))).toEqual([]);
  await server.close();
});

test('with keys each route wants its scope', async () => {
  const made = Object.fromEntries((['classify', 'feedback', 'review', 'admin'] as const).map((scope) => [scope, makeApiKey()]));
  const file = join(folder, 'keys.json');
  const keys = Object.entries(made).map(([scope, { id, secret }]) => ({
    id,
    name: scope,
    hash: hashSecret(secret),
    scopes: [scope as Scope],
    rates: [],
    quotas: [],
    created: new Date().toISOString(),
  }));
  await writeKeyFile(file, { version: 1, keys });
  const { server } = await start({ keys: file });
  const as = (scope: Scope) => callsTo(server, { authorization: `Bearer ${writeApiKey(made[scope]!)}` });
  const statuses = async (scope: Scope) => {
    const { ask, post } = as(scope);
    const answers = [
      await ask('/review'),
      await post('/review/claim', {}),
      await post('/review/x/decision', { action: 'block' }),
      await ask('/review/export'),
      await post('/review/erase', { text: 'a' }),
      await post('/feedback', { text: 'a', label: 'news' }),
    ];
    return answers.map(({ status }) => status);
  };
  expect(await statuses('review')).toEqual([200, 200, 404, 200, 403, 403]);
  expect(await statuses('admin')).toEqual([403, 403, 403, 403, 200, 403]);
  expect(await statuses('feedback')).toEqual([403, 403, 403, 403, 403, 200]);
  expect((await callsTo(server).ask('/review')).status).toBe(401);
  await as('classify').post('/classify', { text: 'whose is it' });
  expect(itemsOf(await as('review').ask('/review'))[0]?.client).toBe(made.classify!.id);
  await server.close();
});

test('an address that others reach is refused without keys, whatever else is allowed', async () => {
  await expect(start({ host: '0.0.0.0', allowOpen: true })).rejects.toThrow(/held for reviewers.*--keys FILE/);
});

describe('where the file fails, verdicts go on and the answer says so', () => {
  test('a damaged file at the start', async () => {
    const file = fresh();
    await writeFile(file, 'no database '.repeat(1_000));
    const { server, ask, post } = await start({ review: { file } });
    const { status, body } = await classify(server.url, { text: 'A headline' });
    expect([status, body.decision, body.review]).toEqual([200, 'review', { queued: false, reason: 'unavailable' }]);
    expect(await ask('/health/ready')).toMatchObject({ status: 200, body: { ready: true, review: 'down' } });
    expect(await metricsOf(server.url)).toMatch(/copydesk_review_up 0/);
    for (const answer of [await ask('/review'), await post('/feedback', { text: 'a', label: 'news' })])
      expect(answer).toMatchObject({
        status: 503,
        body: { error: { code: 'store-unavailable', message: expect.stringMatching(/damaged/) } },
      });
    expect(JSON.stringify([await ask('/review')])).not.toMatch(/ at |node_modules/);
    await rm(file);
    expect((await classify(server.url, { text: 'A headline' })).body.review).toMatchObject({ queued: true });
    await server.close();
  });

  test('a queue that is full', async () => {
    const { server } = await start({}, { items: 1 });
    const { body } = await classify(server.url, { texts: ['One', 'Two'] });
    expect(body.results).toMatchObject([{ review: { queued: true } }, { review: { queued: false, reason: 'full' } }]);
    expect(await metricsOf(server.url)).toMatch(/copydesk_review_texts_total\{outcome="full"\} 1/);
    await server.close();
  });

  test('a file that another process holds for longer than the request waits', async () => {
    const { server, file } = await start({}, { waitMs: 150 });
    const { default: Database } = await import('libsql');
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    const { status, body } = await classify(server.url, { text: 'A headline' });
    expect([status, body.review]).toEqual([200, { queued: false, reason: 'late' }]);
    other.exec('COMMIT');
    other.close();
    await server.close();
  });
});
