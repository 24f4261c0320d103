import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { get as httpGet } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashSecret, makeApiKey, type Scope, writeApiKey, writeKeyFile } from '../access/index.js';
import { classify, type Reply } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import type { ServerOptions } from './options.js';
import { type RunningServer, startServer } from './start-server.js';

let bundles: string;
let folder: string;
let keys: string;
let server: RunningServer;
const others: RunningServer[] = [];

const owner = {
  editor: { scopes: ['classify'], rates: [], quotas: [] },
  reader: { scopes: ['metrics'], rates: [], quotas: [] },
  hasty: { scopes: ['classify'], rates: ['3/h'], quotas: [] },
  wordy: { scopes: ['classify'], rates: ['100/s'], quotas: ['10 texts/day'] },
} satisfies Record<string, { scopes: Scope[]; rates: string[]; quotas: string[] }>;
type Owner = keyof typeof owner;
const made = Object.fromEntries(Object.keys(owner).map((name) => [name, makeApiKey()])) as Record<Owner, ReturnType<typeof makeApiKey>>;
const keyOf = (name: Owner): string => writeApiKey(made[name]);
const as = (name: Owner) => ({ authorization: `Bearer ${keyOf(name)}` });

beforeAll(async () => {
  bundles = await writeSampleBundle();
  folder = await mkdtemp(join(tmpdir(), 'copydesk-http-access-'));
  keys = join(folder, 'keys.json');
  const stored = (Object.keys(owner) as Owner[]).map((name) => {
    const { id, secret } = made[name];
    return { id, name, hash: hashSecret(secret), ...owner[name], created: '2026-01-01T00:00:00.000Z' };
  });
  await writeKeyFile(keys, { version: 1, keys: stored });
  server = await start({ keys, cors: ['https://news.example'] });
});
afterAll(async () => {
  await Promise.all(others.map((one) => one.close()));
  for (const made of [bundles, folder]) await rm(made, { recursive: true });
});

async function start(options: Partial<ServerOptions>): Promise<RunningServer> {
  const all = { models: [bundles], port: 0, workers: 1, page: '/nowhere', logLevel: 'silent' as const, ...options };
  const started = await startServer(all);
  others.push(started);
  return started;
}
const codeOf = ({ body }: Reply): unknown => (body.error as { code?: string } | undefined)?.code;
const status = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
  (await fetch(server.url + path, { headers })).status;

describe('with keys', () => {
  test('a key in either header is answered; the same in the address is not', async () => {
    expect((await classify(server.url, { text: 'a' }, as('editor'))).status).toBe(200);
    expect((await classify(server.url, { text: 'a' }, { 'x-api-key': keyOf('editor') })).status).toBe(200);
    const inAddress = await fetch(`${server.url}/classify?key=${keyOf('editor')}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"text": "a"}',
    });
    expect(inAddress.status).toBe(401);
  });

  test('without a key one is told how to send it, before anything else is looked at', async () => {
    const reply = await classify(server.url, 'this is no JSON');
    expect([reply.status, codeOf(reply), reply.headers.get('www-authenticate')]).toEqual([401, 'unauthorized', 'Bearer realm="copydesk"']);
    expect(reply.body).toMatchObject({ error: { fix: expect.stringMatching(/Authorization: Bearer KEY/) } });
  });

  test('a large body without a key is answered too, and the connection can be used again', async () => {
    const reply = await classify(server.url, { text: 'a'.repeat(60_000) });
    expect([reply.status, reply.headers.get('connection')]).toEqual([401, 'keep-alive']);
  });

  test.each<[string, Owner | undefined, number]>([
    ['/models', undefined, 401],
    ['/models', 'editor', 200],
    ['/models', 'reader', 403],
    ['/bundles/sample/v1/onnx/model.onnx', undefined, 401],
    ['/bundles/sample/v1/onnx/model.onnx', 'editor', 200],
    ['/metrics', undefined, 401],
    ['/metrics', 'editor', 403],
    ['/metrics', 'reader', 200],
    ['/health/live', undefined, 200],
    ['/health/ready', undefined, 200],
    ['/', undefined, 200],
  ])('%s by %s gives %i', async (path, name, expected) => {
    expect(await status(path, name ? as(name) : {})).toBe(expected);
  });

  test('metrics can be read by everybody if that was said', async () => {
    const { url } = await start({ keys, publicMetrics: true });
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
  });

  test('refusals are counted under the route that was asked for', async () => {
    const text = await (await fetch(`${server.url}/metrics`, { headers: as('reader') })).text();
    expect(text).toMatch(/copydesk_requests_total\{route="classify",code="401",.*\} [1-9]/);
    expect(text).toMatch(/copydesk_rejected_total\{reason="unauthorized"\} [1-9]/);
  });
});

describe('limits of a key', () => {
  test('a rate: what is left is told with each answer, and the time to come again with a refusal', async () => {
    const replies: Reply[] = [];
    for (let i = 0; i < 4; i++) replies.push(await classify(server.url, { text: 'a' }, as('hasty')));
    expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200, 429]);
    expect(replies.map(({ headers }) => headers.get('x-ratelimit-remaining-requests'))).toEqual(['2', '1', '0', '0']);
    const { headers } = replies[3]!;
    expect(codeOf(replies[3]!)).toBe('rate-limited');
    expect(headers.get('ratelimit-policy')).toBe('"requests-3600s";q=3;w=3600');
    expect(headers.get('ratelimit')).toMatch(/^"requests-3600s";r=0;t=3\d{3}$/);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(1_000);
    expect((await classify(server.url, { text: 'a' }, as('editor'))).status).toBe(200);
  });

  test('a quota of texts: counts texts, not requests, and only those that were answered', async () => {
    const ask = (n: number, model?: string) => classify(server.url, { texts: Array(n).fill('a'), model }, as('wordy'));
    expect((await ask(6)).headers.get('x-ratelimit-remaining-texts')).toBe('4');
    expect((await ask(3, 'nobody')).status).toBe(404);
    const refused = await ask(5);
    expect([refused.status, codeOf(refused)]).toEqual([429, 'quota-exceeded']);
    expect(refused.headers.get('x-should-retry')).toBe('false');
    expect((await ask(4)).headers.get('x-ratelimit-remaining-texts')).toBe('0');
  });

  test('an address without a key, where there are no keys', async () => {
    const { url } = await start({ addressRates: ['5 texts/h'] });
    const replies = [await classify(url, { texts: ['a', 'a', 'a'] }), await classify(url, { texts: ['a', 'a', 'a'] })];
    expect(replies.map(({ status }) => status)).toEqual([200, 429]);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });
});

describe('behind a proxy', () => {
  const from = (url: string, address: string) => classify(url, { text: 'a' }, { 'x-forwarded-for': address });

  test('the address that it forwards is believed if its own was given', async () => {
    const { url } = await start({ addressRates: ['1/h'], trustProxy: ['loopback', '10.0.0.0/8'] });
    const statuses = [];
    for (const list of ['192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3, 192.0.2.1', '192.0.2.9, 10.1.1.1', '192.0.2.9'])
      statuses.push((await from(url, list)).status);
    expect(statuses).toEqual([200, 429, 200, 429, 200, 429]);
  });

  test('and otherwise not: nobody gets more by making addresses up', async () => {
    const { url } = await start({ addressRates: ['1/h'] });
    expect([(await from(url, '192.0.2.1')).status, (await from(url, '192.0.2.2')).status]).toEqual([200, 429]);
  });
});

describe('other origins', () => {
  const preflight = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type,x-stainless-os',
  };
  const options = (origin: string, url = server.url) => fetch(`${url}/classify`, { method: 'OPTIONS', headers: { origin, ...preflight } });

  test('one that was named may ask, with a key, and read what is left to it', async () => {
    const asked = await options('https://news.example');
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, 'https://news.example']);
    expect(asked.headers.get('access-control-allow-headers')).toBe('authorization,content-type,x-stainless-os');
    expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
    const { headers } = await classify(server.url, { text: 'a' }, { ...as('editor'), origin: 'https://news.example' });
    expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual(['https://news.example', 'origin']);
    expect(headers.get('access-control-expose-headers')).toMatch(/retry-after.*x-ratelimit-remaining-requests/);
  });

  test('a refusal can be read there as well', async () => {
    const { status, headers } = await classify(server.url, { text: 'a' }, { origin: 'https://news.example' });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([401, 'https://news.example']);
  });

  test.each(['https://news.example.evil', 'http://news.example', 'https://news.example:444', 'null'])('%s may not', async (origin) => {
    const asked = await options(origin);
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([405, null]);
  });

  test('everybody may if that was said, and nobody if nothing was', async () => {
    const [all, none] = [await start({ cors: ['*'] }), await start({})];
    expect((await options('https://anywhere.example', all.url)).headers.get('access-control-allow-origin')).toBe('*');
    const refused = await options('https://anywhere.example', none.url);
    expect([refused.status, refused.headers.get('access-control-allow-origin'), refused.headers.get('vary')]).toEqual([405, null, null]);
  });
});

describe('starting', () => {
  test('a server that others can reach wants keys, or to be told that it is open', async () => {
    await expect(startServer({ models: [bundles], host: '0.0.0.0', port: 0, logLevel: 'silent' })).rejects.toMatchObject({
      code: 'serving/start',
      message: expect.stringMatching(/0\.0\.0\.0 can be reached.*Fix: .*--keys FILE.*--allow-open/),
    });
    for (const options of [{ keys }, { allowOpen: true }]) expect((await start({ host: '0.0.0.0', ...options })).url).toMatch(/0\.0\.0\.0/);
  });

  test.each<[object, RegExp]>([
    [{ cors: ['https://news.example/'] }, /cors\.0: is no origin: write https/],
    [{ cors: ['news.example'] }, /is no origin/],
    [{ trustProxy: ['everyone'] }, /trustProxy\.0: is no address or network/],
    [{ trustProxy: ['10.0.0.0/33'] }, /is no address or network/],
    [{ addressRates: ['5 per second'] }, /addressRates\.0: is no rate/],
    [{ limits: { stallMs: 30_000 } }, /stallMs/],
    [{ keys: '/nowhere/keys.json' }, /there is no file/],
  ])('%j is an error with a fix', async (options, message) => {
    await expect(start(options)).rejects.toMatchObject({ name: 'UsageError', message: expect.stringMatching(message) });
  });

  test('a file of keys that all may read is refused', async () => {
    const open = join(folder, 'open.json');
    await writeKeyFile(open, { version: 1, keys: [] });
    await chmod(open, 0o644);
    await expect(start({ keys: open })).rejects.toThrow(/chmod 600/);
  });
});

test('a file that a client stops fetching is closed', async () => {
  const openFiles = (): number => process.getActiveResourcesInfo().filter((name) => name === 'FSReqCallback').length;
  await Promise.all(
    Array.from({ length: 20 }, () => {
      return new Promise<void>((resolve) => {
        const request = httpGet(`${server.url}/bundles/sample/v1/onnx/model.onnx`, { headers: as('editor') }, (response) => {
          response.destroy();
          resolve();
        });
        request.on('error', () => resolve());
      });
    }),
  );
  await expect.poll(openFiles).toBe(0);
  expect(await status('/models', as('editor'))).toBe(200);
});
