/** @file What people write stays between them, the model and whoever reviews: it is in no log, no metric, no trace and no refusal. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { hashSecret, makeApiKey, scopes, writeApiKey, writeKeyFile } from '../access/index.js';
import type { Job } from '../jobs/index.js';
import { errorCodes, type ReviewItem } from '../protocol/index.js';
import { speak } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { openTracing } from '../tracing/index.js';
import { answerErrors, type ExchangeResponse } from './intake/exchange.js';
import { type RunningServer, startServer } from './start-server.js';

const marker = 'marmalade';
const text = `A most unusual ${marker}`;
const key = makeApiKey();
const [mine, narrow] = [writeApiKey(key), makeApiKey()];
const stranger = writeApiKey(makeApiKey());
const address = '203.0.113.77';
const secrets = [marker, key.secret, hashSecret(key.secret), stranger.slice(16), 'hunter2', address];

let bundles: string;
let folder: string;
let server: RunningServer;
let collector: Server;
/** What a collector of traces received. */
const traced: string[] = [];
const logged: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });

beforeAll(async () => {
  const everything = { labels: { clickbait: { review: 0, block: null } } };
  bundles = await writeSampleBundle({ manifest: { policy: everything } });
  folder = await mkdtemp(join(tmpdir(), 'copydesk-silence-'));
  const stored = { name: 'x', rates: [], quotas: [], created: '2026-01-01T00:00:00.000Z' };
  const keys = [
    { ...stored, id: key.id, hash: hashSecret(key.secret), scopes: [...scopes], rates: ['1000/s'] },
    { ...stored, id: narrow.id, hash: hashSecret(narrow.secret), scopes: ['review' as const] },
  ];
  await writeKeyFile(join(folder, 'keys.json'), { version: 1, keys });
  const limits = { bodyBytes: 3_000, texts: 4, queueTexts: 4, characters: 1_000, headersMs: 200, requestMs: 400 };
  const [review, jobs] = [{ file: join(folder, 'desk.db') }, { folder: join(folder, 'jobs') }];
  const options = { models: [bundles], port: 0, workers: 1, limits, keys: join(folder, 'keys.json'), page: '/nowhere', review, jobs };
  collector = createServer(async (request, response) => {
    for await (const chunk of request) traced.push(String(chunk));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(collector.address() as AddressInfo).port}`);
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '100');
  const tracing = await openTracing(process.env, '1.2.3');
  server = await startServer({ ...options, trustProxy: ['127.0.0.1/32'] }, log, { tracing });
});
afterAll(async () => {
  await server.close();
  collector.close();
  vi.unstubAllEnvs();
  for (const made of [bundles, folder]) await rm(made, { recursive: true });
});

const asked = { 'x-api-key': mine, 'x-forwarded-for': address };
const json = { 'content-type': 'application/json', ...asked };
const lines = { 'content-type': 'application/x-ndjson', ...asked };
const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = json, path = '/classify') =>
  fetch(server.url + path, { method: 'POST', headers, body });
const get = (path: string, headers: Record<string, string> = asked, method = 'GET') => fetch(server.url + path, { method, headers });
const decision = (id: string, body: object) => post(JSON.stringify(body), json, `/review/${encodeURIComponent(id)}/decision`);
const inAddress = encodeURIComponent(text);

/** Each with the text, or a secret, where it belongs or where it ended up by mistake. */
const requests: readonly [string, number, () => Promise<Response>][] = [
  ['a text', 200, () => post(JSON.stringify({ text }))],
  ['a text that is to be explained', 200, () => post(JSON.stringify({ text, explain: true }))],
  ['a text as a label', 422, () => post(JSON.stringify({ text, explain: { label: text } }))],
  ['half a text', 400, () => post(`{"text": "${text}`)],
  ['a bare text', 400, () => post(text)],
  ['a text in quotes and more', 400, () => post(`"${text}" at position 7 ${marker}`)],
  ['a text as a name', 400, () => post(JSON.stringify({ [text]: 1 }))],
  ['a text as a model', 404, () => post(JSON.stringify({ text, model: text }))],
  ['a text in a list where none belongs', 400, () => post(JSON.stringify({ texts: [text, { text, [text]: text }] }))],
  ['a pair for a model of single texts', 422, () => post(JSON.stringify({ text, pair: text }))],
  ['too many texts', 422, () => post(JSON.stringify({ texts: Array(5).fill(text) }))],
  ['too long a text', 422, () => post(JSON.stringify({ text: text.repeat(50) }))],
  ['too large a body', 413, () => post(JSON.stringify({ text: text.repeat(500) }))],
  ['a body that is not UTF-8', 400, () => post(new Uint8Array([...Buffer.from(text), 0xff]))],
  ['a text as its own type', 415, () => post(text, { ...json, 'content-type': text })],
  ['a text as its compression', 415, () => post(text, { ...json, 'content-encoding': marker })],
  ['a text in the path', 404, () => fetch(`${server.url}/${encodeURIComponent(text)}`, { headers: json })],
  ['a text in the query', 405, () => fetch(`${server.url}/classify?text=${encodeURIComponent(text)}`, { headers: json })],
  ['a text as the name of a file', 404, () => fetch(`${server.url}/bundles/${encodeURIComponent(text)}`, { headers: json })],
  ['a text that asks for other origins', 200, () => post(JSON.stringify({ text }), { ...json, origin: `https://${marker}.example` })],
  ['a stranger with a key', 401, () => post(JSON.stringify({ text }), { ...json, 'x-api-key': stranger })],
  ['a key in the address', 401, () => post(JSON.stringify({ text }), { 'content-type': 'application/json' }, `/classify?key=${mine}`)],
  ['a password of another service', 401, () => post('{}', { 'content-type': 'application/json', authorization: 'Bearer hunter2' })],
  ['a text as the trace that it belongs to', 200, () => post(JSON.stringify({ text }), { ...json, traceparent: `00-${marker}` })],
  ['an opinion, with a note', 200, () => post(JSON.stringify({ text, label: 'news', note: text }), json, '/feedback')],
  ['an opinion that is a text', 422, () => post(JSON.stringify({ text, label: text }), json, '/feedback')],
  ['an opinion of too long a text', 422, () => post(JSON.stringify({ text: text.repeat(50), label: 'news' }), json, '/feedback')],
  ['a text as the name in an opinion', 400, () => post(JSON.stringify({ text, [text]: 'news' }), json, '/feedback')],
  ['a text as the item to decide on', 404, () => decision(text, { action: 'publish', note: text, reviewer: marker })],
  ['a text as a decision', 400, () => decision('1', { action: text })],
  ['a text as the status of items', 400, () => get(`/review?status=${inAddress}`)],
  ['a text as a place in the list of items', 400, () => get(`/review?cursor=${inAddress}`)],
  ['a text as the time of an export', 400, () => get(`/review/export?since=${inAddress}`)],
  ['a text as a number of items', 400, () => post(JSON.stringify({ count: text, reviewer: text }), json, '/review/claim')],
  ['a text as what to erase of it', 400, () => post(JSON.stringify({ text, [text]: text }), json, '/review/erase')],
  ['a text as a job', 404, () => get(`/jobs/${inAddress}`)],
  ['a text as the result of a job', 404, () => get(`/jobs/${inAddress}/result`)],
  ['a text as a job to end', 404, () => get(`/jobs/${inAddress}`, asked, 'DELETE')],
  ['a text as the format of a job', 400, () => post(JSON.stringify({ text }), lines, `/jobs?format=${inAddress}`)],
  ['a text as the model of a job', 404, () => post(JSON.stringify({ text }), lines, `/jobs?model=${inAddress}`)],
  ['a text as the type of a file', 415, () => post(text, { ...lines, 'content-type': text }, '/jobs')],
  ['a text as the key of a job', 202, () => post(JSON.stringify({ text }), { ...lines, 'idempotency-key': text }, '/jobs')],
  ['another file for that key', 422, () => post(JSON.stringify([text]), { ...lines, 'idempotency-key': text }, '/jobs')],
  ['a key for something else', 403, () => post(JSON.stringify({ text }), { ...json, 'x-api-key': writeApiKey(narrow) })],
];

test.each(requests)('%s', async (_what, status, send) => {
  const response = await send();
  const body = await response.text();
  expect(response.status).toBe(status);
  for (const secret of secrets) expect(body + JSON.stringify([...response.headers])).not.toContain(secret);
});

test.each([
  ['no HTTP at all', `${text}\r\n\r\n`],
  ['a header that never ends', `GET / HTTP/1.1\r\nhost: x\r\nx: ${text.repeat(2_000)}\r\n\r\n`],
  ['headers too slow', `GET /?${marker} HTTP/1.1\r\nx-api-key: ${mine}\r\n`],
  ['a body too slow', `POST /classify HTTP/1.1\r\nhost: x\r\nx-api-key: ${mine}\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n${text}`], // biome-ignore format: one line
])('%s', async (_what, bytes) => {
  const received = await speak(server.url, bytes);
  for (const secret of secrets) expect(received).not.toContain(secret);
});

test('what is held is told to whoever reviews, and to them alone', async () => {
  const { items } = (await (await post(JSON.stringify({ reviewer: marker }), json, '/review/claim')).json()) as { items: ReviewItem[] };
  expect(items[0]?.text).toContain(marker);
  expect((await decision(items[0]!.id, { action: 'block', label: 'clickbait', note: text, reviewer: marker })).status).toBe(200);
  expect(await (await get('/review?status=decided')).text()).toContain(marker);
  expect(await (await get('/review/export')).text()).toContain(marker);
  expect(await (await post(JSON.stringify({ text }), json, '/review/erase')).json()).not.toEqual({ erased: 0, cleaned: true });
});

test('a file of texts is told to whoever sent it: answers, lines that hold no text, and why it failed', async () => {
  const send = async (file: string | Uint8Array<ArrayBuffer>): Promise<Job> => {
    const { id } = (await (await post(file, lines, '/jobs')).json()) as Job;
    const job = async () => (await (await get(`/jobs/${id}`)).json()) as Job;
    await expect.poll(async () => (await job()).state, { timeout: 20_000 }).toMatch(/done|failed/);
    return job();
  };
  const { id, errors } = await send(`${JSON.stringify({ text })}\n{"${marker}": 1}\n${text}\n${JSON.stringify(text.repeat(60))}\n`);
  expect(errors).toBe(3);
  expect(await (await get(`/jobs/${id}/result`)).text()).toContain('"label"');
  expect(await (await get(`/jobs/${id}/errors`)).text()).toContain(marker);
  const failed = await send(new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le')));
  expect(failed.state).toBe('failed');
  for (const one of [id, failed.id]) expect((await get(`/jobs/${one}`, asked, 'DELETE')).status).toBe(200);
});

test('a fault of the server itself: the log says where, and the answer nothing', () => {
  const written: string[] = [];
  const answered: string[] = [];
  const handler = answerErrors({
    metrics: { rejected: { labels: () => ({ inc: () => {} }) } } as never,
    log: pino({}, { write: (line: string) => void written.push(line) }),
  });
  const response = { locals: { id: 'r1' }, setHeader: () => {}, end: (bytes: Buffer) => void answered.push(bytes.toString()) };
  const fault = new TypeError(`cannot read ${text}\n    at a text that looks like a stack`, { cause: new Error(text) });
  handler(fault, { headers: {}, readableEnded: true } as never, response as unknown as ExchangeResponse, () => {});
  expect(JSON.parse(written.join())).toMatchObject({ id: 'r1', fault: 'TypeError', at: expect.arrayContaining([expect.stringMatching(/silence\.test/)]) }); // biome-ignore format: one line
  expect(JSON.parse(answered.join())).toMatchObject({ error: { code: 'internal' } });
  for (const output of [...written, ...answered]) expect(output).not.toMatch(/marmalade|looks like a stack/);
});

test('afterwards neither log, metrics nor traces know any of it, though all know of the requests', async () => {
  await writeFile(join(folder, 'keys.json'), `{"keys": "${marker}"`);
  await expect.poll(() => logged.join('')).toMatch(/the keys from before hold/);
  const metrics = await (await fetch(`${server.url}/metrics`, { headers: { 'x-api-key': mine } })).text();
  for (const code of ['unauthorized', 'forbidden', 'invalid-json', 'too-many-texts', 'unknown-model'])
    expect(metrics).toContain(`copydesk_rejected_total{reason="${code}"}`);
  for (const line of [
    'copydesk_job_lines_total{outcome="aside"} 3',
    'copydesk_jobs_ended_total{state="failed"} 1',
    'copydesk_jobs{state="queued"} 0',
    'copydesk_review_decisions_total{action="block",agrees="',
    'copydesk_feedback_total 1',
    'copydesk_explanations_total{',
  ])
    expect(metrics).toContain(line);
  for (const route of ['classify', 'feedback', 'review-claim', 'review-decide', 'jobs-create', 'jobs-result']) {
    expect(logged.join('')).toContain(`"route":"${route}"`);
    await expect.poll(() => traced.join(''), { timeout: 10_000 }).toContain(`"stringValue":"${route}"`);
  }
  const reasons = [...metrics.matchAll(/copydesk_rejected_total\{reason="([^"]*)"/g)].map(([, reason]) => reason);
  expect(reasons.filter((reason) => !errorCodes.includes(reason as (typeof errorCodes)[number]))).toEqual([]);
  expect(logged.length).toBeGreaterThan(requests.length / 2);
  for (const secret of secrets) {
    expect(logged.join('')).not.toContain(secret);
    expect(metrics).not.toContain(secret);
    expect(traced.join('')).not.toContain(secret);
  }
});
