import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabelVerdict } from '../../models/index.js';
import { classifyResponseSchema, errorResponseSchema, modelsResponseSchema } from '../protocol/index.js';
import { classify, speak } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { type RunningServer, startServer } from './start-server.js';

let server: RunningServer;
let folder: string;
let otherFolder: string;
const logged: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });

beforeAll(async () => {
  folder = await writeSampleBundle();
  otherFolder = await writeSampleBundle({ name: 'other' });
  const limits = { bodyBytes: 20_000, texts: 40, characters: 5_000, queueTexts: 200, batchOverheadTokens: 1_000 };
  server = await startServer({ models: [folder, otherFolder], port: 0, workers: 2, limits, page: '/nowhere' }, log);
});
afterAll(async () => {
  await server.close();
  for (const made of [folder, otherFolder]) await rm(made, { recursive: true });
});

describe('answers', () => {
  test('a text is answered with a verdict, its fields at the top level too', async () => {
    const { status, headers, body } = await classify(server.url, { text: 'The council voted on Tuesday' });
    expect(status).toBe(200);
    const answer = classifyResponseSchema.parse(body);
    const [verdict] = answer.results as LabelVerdict[];
    expect(answer).toMatchObject({ model: 'sample', version: 'v1', label: verdict!.label, results: [{ threshold: 0.5 }] });
    expect(Object.values(verdict!.scores).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    expect(headers.get('server-timing')).toMatch(/^tokenize;dur=[\d.]+, queue;dur=[\d.]+, infer;dur=[\d.]+$/);
    expect(Number(headers.get('x-copydesk-infer-ms'))).toBeGreaterThan(0);
  });

  test('texts are answered in their order, and each as if it were alone', async () => {
    const words =
      'the council voted on tuesday to repair the harbour wall before winter storms and this baker hid a secret in her oldest oven'.split(
        ' ',
      );
    const texts = Array.from({ length: 32 }, (_, i) => words.slice(i % 20, (i % 20) + 2 + (i % 7)).join(' '));
    const together = (await classify(server.url, { texts })).body.results as LabelVerdict[];
    for (const [i, text] of texts.entries()) {
      const alone = (await classify(server.url, { text })).body as unknown as LabelVerdict;
      expect(together[i]!.label).toBe(alone.label);
      for (const [label, score] of Object.entries(alone.scores)) expect(Math.abs(together[i]!.scores[label]! - score)).toBeLessThan(1e-6);
    }
    expect(new Set(together.map(({ score }) => score)).size).toBeGreaterThan(20);
  });

  test.each(['sample', 'sample@v1'])('a model is found as %s', async (model) => {
    expect((await classify(server.url, { text: 'a', model })).body.model).toBe('sample');
  });

  test('another model answers when it is named', async () => {
    expect((await classify(server.url, { inputs: ['a'], model: 'other' })).body).toMatchObject({ model: 'other' });
  });

  test('a text that is too long for the model says so', async () => {
    expect((await classify(server.url, { text: 'harbour '.repeat(200) })).body.truncated).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['a NUL', 'a\0b'],
    ['half a surrogate pair', 'a\ud83d b \udc00'],
    ['control and format characters', '\u0001\u200f\ufeff\u2028'],
    ['other scripts', '台风“海燕”登陆 — عاجل: إغلاق المدارس 🚨'],
    ['names of special tokens', '[CLS] [SEP] [PAD] [MASK]'],
  ])('a text of %s is answered', async (_what, text) => {
    const { status, body } = await classify(server.url, JSON.stringify({ text }));
    expect(status).toBe(200);
    expect(Number.isFinite(body.score)).toBe(true);
  });

  test('a request keeps its id, and gets one if it has none or one that could harm a log', async () => {
    expect((await classify(server.url, { text: 'a' }, { 'x-request-id': 'story-17' })).headers.get('x-request-id')).toBe('story-17');
    const made = (await classify(server.url, { text: 'a' }, { 'x-request-id': 'a b'.repeat(100) })).headers.get('x-request-id');
    expect(made).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('refusals', () => {
  test.each<[string, unknown, number, string]>([
    ['no JSON', '{"text": ', 400, 'invalid-json'],
    ['an empty body', '', 400, 'invalid-json'],
    ['a body that is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 400, 'invalid-json'],
    ['JSON of the wrong shape', '[1]', 400, 'invalid-request'],
    ['a prototype for a field', '{"__proto__": {"text": "a"}}', 400, 'invalid-request'],
    ['an unknown field', { text: 'a', modle: 'x' }, 400, 'invalid-request'],
    ['an unknown model', { text: 'a', model: 'smaple' }, 404, 'unknown-model'],
    ['too many texts', { texts: Array.from({ length: 41 }, () => 'a') }, 422, 'too-many-texts'],
    ['too long a text', { text: 'a'.repeat(5_001) }, 422, 'text-too-long'],
    ['too large a body', { text: 'a'.repeat(30_000) }, 413, 'body-too-large'],
    ['far too large a body', { text: 'a'.repeat(400_000) }, 413, 'body-too-large'],
    ['nesting without end', '['.repeat(9_000), 400, 'invalid-request'],
  ])('%s', async (_what, sent, status, code) => {
    const reply = await classify(server.url, sent).catch((error: unknown) => {
      // The connection of a body many times the limit is cut; the client may still be writing then.
      if (code === 'body-too-large') return undefined;
      throw error;
    });
    if (reply === undefined) return;
    expect(reply.status).toBe(status);
    const { error } = errorResponseSchema.parse(reply.body);
    expect(error.code).toBe(code);
    expect(error.fix).not.toBe('');
    expect(JSON.stringify(reply.body)).not.toMatch(/node_modules|\.ts:|\.js:|at \w+ \(/);
  });

  test.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json; charset=utf-8', 200],
    ['application/problem+json', 200],
  ])('content-type %s gives %i', async (type, status) => {
    expect((await classify(server.url, { text: 'a' }, { 'content-type': type })).status).toBe(status);
  });

  test('a compressed body', async () => {
    expect((await classify(server.url, { text: 'a' }, { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  test.each([
    ['GET', '/classify', 405, 'POST'],
    ['DELETE', '/models', 405, 'GET, HEAD'],
    ['POST', '/metrics', 405, 'GET, HEAD'],
    ['GET', '/clasify', 404, null],
    ['GET', '/%E0%A4%A', 404, null],
    ['GET', '/bundles/sample/v1/../../../../etc/passwd', 404, null],
    ['GET', '/bundles/sample/v1/%2e%2e%2fcopydesk.json', 404, null],
  ])('%s %s gives %i', async (method, path, status, allow) => {
    const response = await fetch(server.url + path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('allow')).toBe(allow);
    errorResponseSchema.parse(await response.json());
  });

  test.each([
    ['what is not HTTP', 'hello\r\n\r\n', 400, 'invalid-request'],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`, 431, 'headers-too-large'],
    ['two lengths', 'POST /classify HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400, 'invalid-request'],
  ])('%s is answered in JSON too', async (_what, bytes, status, code) => {
    const received = await speak(server.url, bytes);
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(received.slice(received.indexOf('\r\n\r\n')))).toMatchObject({ error: { code } });
  });
});

describe('the rest', () => {
  test('models are listed with what one needs to use them', async () => {
    const { models } = modelsResponseSchema.parse(await (await fetch(`${server.url}/models`)).json());
    expect(models.map(({ name, default: isDefault }) => [name, isDefault])).toEqual([
      ['sample', true],
      ['other', false],
    ]);
    expect(models[0]).toMatchObject({ labels: ['clickbait', 'news'], maxTokens: 64, files: '/bundles/sample/v1/' });
  });

  test('files of a bundle come whole, are not sent twice, and only listed ones come', async () => {
    const url = `${server.url}/bundles/sample/v1/onnx/model.onnx`;
    const response = await fetch(url);
    const sent = new Uint8Array(await response.arrayBuffer());
    const stored = await readFile(join(folder, 'sample/v1/onnx/model.onnx'));
    expect(createHash('sha256').update(sent).digest('hex')).toBe(createHash('sha256').update(stored).digest('hex'));
    const again = await fetch(url, { headers: { 'if-none-match': response.headers.get('etag')! } });
    expect(again.status).toBe(304);
    expect((await fetch(`${server.url}/bundles/sample/v1/copydesk.json`)).status).toBe(200);
    expect((await fetch(`${server.url}/bundles/sample/v1/secret.txt`)).status).toBe(404);
  });

  test('health says that it is alive and ready', async () => {
    expect(await (await fetch(`${server.url}/health/live`)).json()).toEqual({ live: true });
    expect(await (await fetch(`${server.url}/health/ready`)).json()).toEqual({ ready: true });
  });

  test('metrics count what was done, by model and version', async () => {
    await classify(server.url, { texts: ['a', 'the council voted on the harbour wall'] });
    const text = await (await fetch(`${server.url}/metrics`)).text();
    for (const name of [
      'batch_size',
      'batch_tokens',
      'request_duration_seconds',
      'stage_duration_seconds',
      'batch_duration_seconds',
      'label_score',
    ])
      expect(text).toMatch(new RegExp(`copydesk_${name}_count.* [1-9]`));
    expect(text).toMatch(/copydesk_requests_total\{route="classify",code="200",model="sample",version="v1"\} [1-9]/);
    expect(text).toMatch(/copydesk_decisions_total\{model="sample",version="v1",decision="\w+"\} [1-9]/);
    expect(text).toMatch(/copydesk_rejected_total\{reason="invalid-json"\} [1-9]/);
    expect(text).toMatch(/copydesk_padding_tokens_total\{.*\} \d/);
    expect(text).toMatch(/copydesk_model_info\{model="sample",version="v1",default="true"\} 1/);
    expect(text).toMatch(/nodejs_eventloop_lag_seconds/);
  });

  test('every answer forbids guessing and framing, and none invites other origins', async () => {
    const { headers } = await fetch(`${server.url}/models`, { headers: { origin: 'https://elsewhere.example' } });
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test('the log has the requests and not their texts', async () => {
    await classify(server.url, { text: 'a most unusual marmalade' }, { 'x-request-id': 'logged-1' });
    await expect.poll(() => logged.some((line) => line.includes('logged-1'))).toBe(true);
    expect(logged.join('')).not.toMatch(/marmalade/);
  });
});

describe('starting', () => {
  test('a port that was asked for and is taken is an error with a fix', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startServer({ models: [folder], port, logLevel: 'silent' })).rejects.toMatchObject({
      code: 'serving/start',
      message: expect.stringMatching(/taken.*Fix:/),
    });
  });

  test('without a port the next free one is taken', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => startServer({ models: [folder], workers: 1, logLevel: 'silent' })));
    expect(first!.url).not.toBe(second!.url);
    await Promise.all([first!.close(), second!.close()]);
  });

  test.each<[string, object, RegExp]>([
    ['an unknown option', { prot: 3 }, /prot/],
    ['an unknown default model', { defaultModel: 'nobody' }, /no model named nobody.*sample/],
    ['limits that contradict each other', { limits: { texts: 50, queueTexts: 10 } }, /only 10 may wait/],
  ])('%s is an error with a fix', async (_what, options, message) => {
    const started = startServer({ models: [folder], port: 0, logLevel: 'silent', ...options });
    await expect(started).rejects.toMatchObject({ name: 'UsageError', message: expect.stringMatching(message) });
  });

  test('one model in two folders is an error that names both', async () => {
    await expect(startServer({ models: [folder, folder], port: 0, logLevel: 'silent' })).rejects.toThrow(/sample@v1 is in .* and again in/);
  });
});
