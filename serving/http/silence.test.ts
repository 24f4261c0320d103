/** @file What people write stays between them and the model: it is in no log, no metric, and no refusal. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashSecret, makeApiKey, writeApiKey, writeKeyFile } from '../access/index.js';
import { errorCodes } from '../protocol/index.js';
import { speak } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { answerErrors, type ExchangeResponse } from './intake/exchange.js';
import { type RunningServer, startServer } from './start-server.js';

const marker = 'marmalade';
const text = `A most unusual ${marker}`;
const key = makeApiKey();
const [mine, narrow] = [writeApiKey(key), makeApiKey()];
const stranger = writeApiKey(makeApiKey());
const secrets = [marker, key.secret, hashSecret(key.secret), stranger.slice(16), 'hunter2'];

let bundles: string;
let folder: string;
let server: RunningServer;
const logged: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });

beforeAll(async () => {
  bundles = await writeSampleBundle();
  folder = await mkdtemp(join(tmpdir(), 'copydesk-silence-'));
  const stored = { name: 'x', rates: [], quotas: [], created: '2026-01-01T00:00:00.000Z' };
  const keys = [
    { ...stored, id: key.id, hash: hashSecret(key.secret), scopes: ['classify' as const, 'metrics' as const], rates: ['1000/s'] },
    { ...stored, id: narrow.id, hash: hashSecret(narrow.secret), scopes: ['review' as const] },
  ];
  await writeKeyFile(join(folder, 'keys.json'), { version: 1, keys });
  const limits = { bodyBytes: 3_000, texts: 4, queueTexts: 4, characters: 1_000, headersMs: 200, requestMs: 400 };
  server = await startServer({ models: [bundles], port: 0, workers: 1, limits, keys: join(folder, 'keys.json'), page: '/nowhere' }, log);
});
afterAll(async () => {
  await server.close();
  for (const made of [bundles, folder]) await rm(made, { recursive: true });
});

const json = { 'content-type': 'application/json', 'x-api-key': mine };
const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = json, path = '/classify') =>
  fetch(server.url + path, { method: 'POST', headers, body });

/** Each with the text, or a secret, where it belongs or where it ended up by mistake. */
const requests: readonly [string, number, () => Promise<Response>][] = [
  ['a text', 200, () => post(JSON.stringify({ text }))],
  ['a text that is to be explained', 200, () => post(JSON.stringify({ text, explain: true }))],
  ['a text as a label', 400, () => post(JSON.stringify({ text, explain: { label: text } }))],
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

test('a fault of the server itself: the log says where, and the answer nothing', () => {
  const lines: string[] = [];
  const answered: string[] = [];
  const handler = answerErrors({
    metrics: { rejected: { labels: () => ({ inc: () => {} }) } } as never,
    log: pino({}, { write: (line: string) => void lines.push(line) }),
  });
  const response = { locals: { id: 'r1' }, setHeader: () => {}, end: (bytes: Buffer) => void answered.push(bytes.toString()) };
  const fault = new TypeError(`cannot read ${text}\n    at a text that looks like a stack`, { cause: new Error(text) });
  handler(fault, { headers: {}, readableEnded: true } as never, response as unknown as ExchangeResponse, () => {});
  expect(JSON.parse(lines.join())).toMatchObject({ id: 'r1', fault: 'TypeError', at: expect.arrayContaining([expect.stringMatching(/silence\.test/)]) }); // biome-ignore format: one line
  expect(JSON.parse(answered.join())).toMatchObject({ error: { code: 'internal' } });
  for (const output of [...lines, ...answered]) expect(output).not.toMatch(/marmalade|looks like a stack/);
});

test('afterwards neither the log nor the metrics know any of it, though both know of the requests', async () => {
  await writeFile(join(folder, 'keys.json'), `{"keys": "${marker}"`);
  await expect.poll(() => logged.join('')).toMatch(/the keys from before hold/);
  const metrics = await (await fetch(`${server.url}/metrics`, { headers: { 'x-api-key': mine } })).text();
  for (const code of ['unauthorized', 'forbidden', 'invalid-json', 'too-many-texts', 'unknown-model'])
    expect(metrics).toContain(`copydesk_rejected_total{reason="${code}"}`);
  const reasons = [...metrics.matchAll(/copydesk_rejected_total\{reason="([^"]*)"/g)].map(([, reason]) => reason);
  expect(reasons.filter((reason) => !errorCodes.includes(reason as (typeof errorCodes)[number]))).toEqual([]);
  expect(logged.length).toBeGreaterThan(requests.length / 2);
  for (const secret of secrets) {
    expect(logged.join('')).not.toContain(secret);
    expect(metrics).not.toContain(secret);
  }
});
