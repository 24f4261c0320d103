import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { hashSecret, makeApiKey, type Scope, writeApiKey, writeKeyFile } from '../access/index.js';
import type { Job } from '../jobs/index.js';
import { classify } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import type { ServerOptions } from './options.js';
import { type RunningServer, startServer } from './start-server.js';

let home: string;
let bundles: string;
let keys: string;
let folder: string;
const servers: RunningServer[] = [];
const scopes = { desk: ['jobs', 'classify'], other: ['jobs'], reader: ['classify'] } satisfies Record<string, Scope[]>;
type Who = keyof typeof scopes;
const made = { desk: makeApiKey(), other: makeApiKey(), reader: makeApiKey() };
const as = (who: Who) => ({ authorization: `Bearer ${writeApiKey(made[who])}` });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-jobs-'));
  bundles = await writeSampleBundle({ to: join(home, 'bundles') });
  keys = join(home, 'keys.json');
  const stored = (Object.keys(scopes) as Who[]).map((name) => {
    const { id, secret } = made[name];
    return { id, name, hash: hashSecret(secret), scopes: scopes[name], rates: [], quotas: [], created: '2026-01-01T00:00:00.000Z' };
  });
  await writeKeyFile(keys, { version: 1, keys: stored });
});
beforeEach(async () => {
  folder = await mkdtemp(join(home, 'jobs-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((one) => one.close()));
});
afterAll(() => rm(home, { recursive: true }));

async function start({ jobs, ...options }: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const all = { models: [bundles], port: 0, workers: 1, page: '/nowhere', logLevel: 'silent' as const, keys, ...options };
  const server = await startServer({ ...all, jobs: { folder, ...jobs } });
  servers.push(server);
  return server;
}

type Sent = { readonly status: number; readonly headers: Headers; readonly job: Job; readonly error?: { readonly code: string } };
const ndjson = { 'content-type': 'application/x-ndjson' };

async function send({ url }: RunningServer, body: string, { query = '', headers = {}, who = 'desk' as Who } = {}): Promise<Sent> {
  const response = await fetch(`${url}/jobs${query}`, { method: 'POST', headers: { ...ndjson, ...as(who), ...headers }, body });
  const answer = (await response.json()) as Job & { error: { code: string } };
  return { status: response.status, headers: response.headers, job: answer, error: answer.error };
}
const get = ({ url }: RunningServer, path: string, headers: Readonly<Record<string, string>> = {}, who: Who = 'desk', method = 'GET') =>
  fetch(url + path, { method, headers: { ...as(who), ...headers } });
async function ended(server: RunningServer, id: string): Promise<Job> {
  return vi.waitFor(
    async () => {
      const job = (await (await get(server, `/jobs/${id}`)).json()) as Job;
      if (job.state === 'queued' || job.state === 'running') throw new Error(`it is ${job.state}`);
      return job;
    },
    { timeout: 50_000, interval: 20 },
  );
}
const resultOf = async (server: RunningServer, id: string) => (await get(server, `/jobs/${id}/result`)).text();
const texts = (count: number, word = 'text'): string => Array.from({ length: count }, (_, id) => `${JSON.stringify({ text: `${word} ${id} of the harbour`, id })}\n`).join(''); // biome-ignore format: one line

describe('a job', () => {
  test('of JSON lines has an answer for each, in their order, as /classify gives it; what is no text is put aside', async () => {
    const server = await start();
    const { status, job, headers } = await send(server, `${texts(700)}{"id": 1}\n"last\u2028of\u0085all"\n`);
    expect([status, headers.get('location')]).toEqual([202, `/jobs/${job.id}`]);
    expect(job).toMatchObject({ model: 'sample@v1', format: 'jsonl', lines: 702 });
    expect(await ended(server, job.id)).toMatchObject({ state: 'done', done: 702, lines: 702, errors: 1 });
    const lines = (await resultOf(server, job.id)).trimEnd().split(/[\n\u0085\u2028\u2029]/).map((line) => JSON.parse(line)); // biome-ignore format: one step
    expect(lines.map(({ id, text }) => id ?? text)).toEqual([...Array(700).keys(), 'last\u2028of\u0085all']);
    const { body } = await classify(server.url, { text: lines[3].text }, as('desk'));
    // Its neighbours in the batch are others, which may change the last digits.
    const { scores, ...rest } = (body as { results: [{ scores: Record<string, number>; score: number }] }).results[0];
    expect(lines[3]).toEqual({
      text: lines[3].text,
      id: 3,
      ...rest,
      score: expect.closeTo(rest.score, 6),
      scores: { clickbait: expect.closeTo(scores.clickbait!, 6), news: expect.closeTo(scores.news!, 6) },
    });
    expect(JSON.parse(await (await get(server, `/jobs/${job.id}/errors`)).text())).toEqual({
      line: 701,
      reason: 'no text',
      given: '{"id":1}',
    });
    expect((await (await get(server, '/jobs')).json()) as object).toMatchObject({ jobs: [{ id: job.id, state: 'done' }] });
  });

  test('of CSV, with fields of other names, and of plain text, as CSV', async () => {
    const server = await start();
    const csv = await send(server, 'comment,n\n"one, two",1\nthree,2\n', {
      query: '?format=csv&text=comment',
      headers: { 'content-type': 'text/csv; charset=utf-8' },
    });
    const plain = await send(server, 'one\n\ntwo', { query: '?format=csv', headers: { 'content-type': 'text/plain' } });
    await ended(server, csv.job.id);
    const [head, first, second] = (await resultOf(server, csv.job.id)).split('\n');
    expect([head, first, second]).toEqual([
      'comment,pair,label,score,decision,clickbait,news',
      expect.stringMatching(/^"one, two",,/),
      expect.stringMatching(/^three,,/),
    ]);
    expect(await ended(server, plain.job.id)).toMatchObject({ state: 'done', done: 2, lines: 2 });
    expect(
      (await resultOf(server, plain.job.id))
        .trim()
        .split('\n')
        .map((line) => line.split(',')[0]),
    ).toEqual(['text', 'one', 'two']);
  });

  test('that holds a file which is not text at all fails, and says why', async () => {
    const server = await start();
    const { job } = await send(server, '\u00ff\u00fe'.repeat(3), { headers: { 'content-type': 'text/plain' } });
    await ended(server, job.id);
    const response = await fetch(`${server.url}/jobs`, {
      method: 'POST',
      headers: { ...ndjson, ...as('desk') },
      body: new Uint8Array([0xff, 0xfe, 0x41, 0, 0x0a, 0]),
    });
    const failed = (await response.json()) as Job;
    expect(await ended(server, failed.id)).toMatchObject({ state: 'failed', problem: expect.stringContaining('UTF-16') });
    expect((await get(server, `/jobs/${failed.id}/result`)).status).toBe(409);
  });

  test('is there once for a key: the same file again is the same job, another file is refused', async () => {
    const server = await start();
    const headers = { 'idempotency-key': 'monday' };
    const [first, same] = [await send(server, texts(5), { headers }), await send(server, texts(5), { headers })];
    expect([same.status, same.job.id, same.headers.get('idempotent-replayed')]).toEqual([202, first.job.id, 'true']);
    expect(await send(server, texts(6), { headers })).toMatchObject({ status: 422, error: { code: 'key-reused' } });
    expect(await send(server, texts(5), { headers, query: '?format=csv' })).toMatchObject({ status: 422 });
    const both = await Promise.all([1, 2, 3].map(() => send(server, texts(5), { headers: { 'idempotency-key': 'at once' } })));
    expect(new Set(both.map(({ job }) => job.id)).size).toBe(1);
    expect((await send(server, texts(5), { headers, who: 'other' })).job.id).not.toBe(first.job.id);
    await ended(server, first.job.id);
    expect((await readdir(folder)).length).toBe(3);
  });

  test("is its client's alone, and needs the scope", async () => {
    const server = await start();
    const { job } = await send(server, texts(3));
    await ended(server, job.id);
    for (const path of ['', '/result', '/errors']) expect((await get(server, `/jobs/${job.id}${path}`, {}, 'other')).status).toBe(404);
    expect((await get(server, `/jobs/${job.id}`, {}, 'other', 'DELETE')).status).toBe(404);
    expect((await get(server, `/jobs/${job.id}/cancel`, {}, 'other', 'POST')).status).toBe(404);
    expect(await (await get(server, '/jobs', {}, 'other')).json()).toEqual({ jobs: [] });
    expect((await get(server, '/jobs', {}, 'reader')).status).toBe(403);
    expect((await fetch(`${server.url}/jobs`)).status).toBe(401);
    for (const id of ['..', '%2e%2e%2f', job.id.toUpperCase(), 'job.json'])
      expect((await get(server, `/jobs/${id}/result`)).status).toBe(404);
  });

  test('gives parts of its result', async () => {
    const server = await start();
    const { job } = await send(server, texts(20));
    await ended(server, job.id);
    const whole = Buffer.from(await resultOf(server, job.id));
    const part = async (range: string, headers = {}) => {
      const response = await get(server, `/jobs/${job.id}/result`, { range, ...headers });
      return [response.status, response.headers.get('content-range'), Buffer.from(await response.arrayBuffer()).toString()];
    };
    const size = whole.length;
    expect(await part('bytes=10-19')).toEqual([206, `bytes 10-19/${size}`, whole.subarray(10, 20).toString()]);
    expect(await part('bytes=-7')).toEqual([206, `bytes ${size - 7}-${size - 1}/${size}`, whole.subarray(-7).toString()]);
    expect(await part(`bytes=${size - 5}-`)).toEqual([206, `bytes ${size - 5}-${size - 1}/${size}`, whole.subarray(-5).toString()]);
    expect((await part(`bytes=${size}-`)).slice(0, 2)).toEqual([416, `bytes */${size}`]);
    expect((await part('bytes=1-2', { 'if-range': '"another"' }))[0]).toBe(200);
    const head = await get(server, `/jobs/${job.id}/result`, {}, 'desk', 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(size)]);
  });

  test('is ended and erased on request', async () => {
    const server = await start();
    const { job } = await send(server, texts(30_000));
    expect((await get(server, `/jobs/${job.id}/result`)).status).toBe(409);
    const cancel = () => get(server, `/jobs/${job.id}/cancel`, {}, 'desk', 'POST');
    const cancelled = await cancel();
    expect([cancelled.status, ((await cancelled.json()) as Job).state]).toEqual([200, 'cancelled']);
    expect(await readdir(join(folder, job.id))).toEqual(['job.json']);
    expect(await (await get(server, `/jobs/${job.id}`)).json()).toMatchObject({ state: 'cancelled' });
    expect((await cancel()).status).toBe(200); // again: as it is
    expect((await get(server, `/jobs/${job.id}`, {}, 'desk', 'DELETE')).status).toBe(200);
    for (const path of ['', '/result']) expect((await get(server, `/jobs/${job.id}${path}`)).status).toBe(404);
    expect((await cancel()).status).toBe(404);
    expect(await readdir(folder)).toEqual([]);
  });

  test('is erased while it runs', async () => {
    const server = await start();
    const { job } = await send(server, texts(30_000));
    const removed = await get(server, `/jobs/${job.id}`, {}, 'desk', 'DELETE');
    expect([removed.status, ((await removed.json()) as Job).state]).toEqual([200, 'cancelled']);
    expect((await get(server, `/jobs/${job.id}`)).status).toBe(404);
    expect(await (await get(server, '/jobs')).json()).toEqual({ jobs: [] });
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual([]), 5_000);
  });
});

describe('the server', () => {
  test('has no such paths without a folder', async () => {
    const server = await startServer({ models: [bundles], port: 0, workers: 1, page: '/nowhere', logLevel: 'silent', keys });
    servers.push(server);
    expect((await get(server, '/jobs')).status).toBe(404);
    expect(JSON.stringify(await (await fetch(`${server.url}/openapi.json`)).json())).not.toContain('/jobs');
  });

  test('takes no more than it may: bytes, jobs of a client, media types', async () => {
    const server = await start({ limits: { jobBytes: 2_000 }, jobs: { folder, perClient: 1, atOnce: 1 } });
    expect(await send(server, texts(100))).toMatchObject({ status: 413, error: { code: 'body-too-large' } });
    const streamed = await fetch(`${server.url}/jobs`, {
      method: 'POST',
      headers: { ...ndjson, ...as('desk') },
      body: new Blob([texts(100)]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(streamed.status).toBe(413);
    expect(await send(server, 'x', { headers: { 'content-type': 'image/png' } })).toMatchObject({ status: 415 });
    expect(await send(server, 'x', { headers: { 'content-encoding': 'gzip' } })).toMatchObject({ status: 415 });
    expect(await send(server, 'x', { query: '?model=none' })).toMatchObject({ status: 404, error: { code: 'unknown-model' } });
    expect(await send(server, 'x', { query: '?format=xml' })).toMatchObject({ status: 400 });
    expect(await readdir(folder)).toEqual([]);
  });

  test('goes on with what was not done when it stopped, and the answers are what they would have been', async () => {
    const first = await start();
    const { job } = await send(first, texts(6_000));
    await vi.waitFor(async () => expect(((await (await get(first, `/jobs/${job.id}`)).json()) as Job).done).toBeGreaterThan(0), {
      timeout: 20_000,
      interval: 10,
    });
    await first.close();
    expect(await readdir(join(folder, job.id))).toContain('result.progress');
    const done = JSON.parse(await readFile(join(folder, job.id, 'result.progress'), 'utf8')).done.rows;
    expect(done).toBeGreaterThan(0);
    const second = await start();
    expect(await ended(second, job.id)).toMatchObject({ state: 'done', done: 6_000, errors: 0 });
    const ids = (await resultOf(second, job.id)).trimEnd().split('\n').map((line) => JSON.parse(line).id); // biome-ignore format: one step
    expect(ids).toEqual([...Array(6_000).keys()]);
  });

  test('answers those who wait while a job runs', async () => {
    const server = await start({ workers: 1 });
    const { job } = await send(server, texts(20_000));
    const statuses: number[] = [];
    for (let i = 0; i < 50; i++) statuses.push((await classify(server.url, { text: `somebody waits ${i}` }, as('desk'))).status);
    expect(statuses).toEqual(Array(50).fill(200));
    expect(((await (await get(server, `/jobs/${job.id}`)).json()) as Job).state).toBe('running');
  });

  test('describes what it answers', async () => {
    const server = await start();
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: Record<string, Record<string, { responses: Record<string, { content: Record<string, { schema: object }> }> }>>; components: object }; // biome-ignore format: one type
    const problems: string[] = [];
    const check = async (method: string, template: string, response: Response): Promise<void> => {
      const type = response.headers.get('content-type')?.split(';')[0] ?? '';
      const schema = document.paths[template]?.[method]?.responses[response.status]?.content[type]?.schema;
      const body = await response.text();
      if (!schema) problems.push(`${method} ${template}: ${response.status} ${type}`);
      else if (type === 'application/json' && !new Ajv2020({ strict: false, formats: { 'date-time': true } }).validate({ ...schema, components: document.components }, JSON.parse(body))) problems.push(`${method} ${template}: ${response.status} ${body}`); // biome-ignore format: one rule
    };
    const { job } = await send(server, texts(5));
    await ended(server, job.id);
    const post = (body: string, headers = {}, query = '') =>
      fetch(`${server.url}/jobs${query}`, { method: 'POST', headers: { ...ndjson, ...as('desk'), ...headers }, body });
    await check('post', '/jobs', await post(texts(2)));
    await check('post', '/jobs', await post(''));
    await check('post', '/jobs', await post('', { 'content-type': 'a/b' }));
    await check('post', '/jobs', await post('', { 'idempotency-key': 'x'.repeat(300) }));
    await check('post', '/jobs', await post('', {}, '?model=none'));
    await check('post', '/jobs', await post('', {}, '?format=none'));
    await check('get', '/jobs', await get(server, '/jobs'));
    for (const path of ['', '/result', '/errors'])
      for (const id of [job.id, 'none']) await check('get', `/jobs/{id}${path}`, await get(server, `/jobs/${id}${path}`));
    await check('get', '/jobs/{id}/result', await get(server, `/jobs/${job.id}/result`, { range: 'bytes=1-2' }));
    await check('get', '/jobs/{id}/result', await get(server, `/jobs/${job.id}/result`, { range: 'bytes=99999-' }));
    await check('post', '/jobs/{id}/cancel', await get(server, `/jobs/${job.id}/cancel`, {}, 'desk', 'POST'));
    await check('delete', '/jobs/{id}', await get(server, '/jobs/none', {}, 'desk', 'DELETE'));
    await check('delete', '/jobs/{id}', await get(server, `/jobs/${job.id}`, {}, 'desk', 'DELETE'));
    expect(problems).toEqual([]);
  });
});
