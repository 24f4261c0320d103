import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { classify, speak } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { createByteBudget } from './intake/byte-budget.js';
import { checkJsonShape } from './intake/json-shape.js';
import { type RunningServer, startServer } from './start-server.js';

let bundles: string;
let page: string;
beforeAll(async () => {
  bundles = await writeSampleBundle();
  page = await mkdtemp(join(tmpdir(), 'copydesk-page-'));
  await writeFile(join(page, 'large.bin'), Buffer.alloc(16_000_000));
});
afterAll(async () => {
  for (const folder of [bundles, page]) await rm(folder, { recursive: true });
});

let server: RunningServer | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close();
  server = undefined;
});
async function start(limits: Record<string, number> = {}): Promise<string> {
  server = await startServer({ models: [bundles], port: 0, workers: 1, limits, page, logLevel: 'silent' });
  return server.url;
}

/** A connection that says `bytes` and then nothing; what comes back, once the server has closed it. */
function open(url: string, bytes = ''): { socket: Socket; connected: Promise<unknown>; closed: Promise<string> } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write(bytes);
  const connected = new Promise((resolve) => socket.once('connect', resolve));
  return { socket, connected, closed: new Promise((resolve) => socket.once('close', () => resolve(received))) };
}
const head = (length: number): string =>
  `POST /classify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
const metric = async (url: string, line: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(text.split('\n').find((one) => one.startsWith(`${line} `))?.split(' ').at(-1) ?? Number.NaN); // biome-ignore format: short
};

describe('slow clients', () => {
  /** Sends a byte now and then, for as long as the other side listens. */
  function drip(socket: Socket, byte: string): void {
    const timer = setInterval(() => socket.write(byte), 20);
    socket.once('close', () => clearInterval(timer));
  }

  test('headers that never end are cut off, each a byte at a time, and others are answered meanwhile', async () => {
    const url = await start({ headersMs: 300, requestMs: 60_000 });
    const slow = Array.from({ length: 40 }, () => open(url, 'POST /classify HTTP/1.1\r\nhost: x\r\nx-slow: '));
    for (const { socket } of slow) drip(socket, 'a');
    expect((await classify(url, { text: 'meanwhile' })).status).toBe(200);
    for (const { closed } of slow) expect(await closed).toMatch(/^HTTP\/1.1 408 .*"request-timeout"/s);
  });

  test('a connection that never says anything is cut off', async () => {
    const url = await start({ headersMs: 300 });
    await open(url).closed;
  });

  test('a body that never ends is cut off, and its bytes are given back', async () => {
    const url = await start({ headersMs: 300, requestMs: 600, queueBytes: 100_000 });
    const slow = Array.from({ length: 10 }, () => open(url, `${head(100_000)}{"text": "${'a'.repeat(9_000)}`));
    for (const { socket } of slow) drip(socket, 'a');
    expect((await classify(url, { text: 'meanwhile' })).status).toBe(200);
    for (const { closed } of slow) await closed;
    await expect.poll(() => metric(url, 'copydesk_in_flight_requests')).toBe(1);
    expect((await classify(url, { text: 'a'.repeat(40_000) })).status).toBe(200);
  });

  test('a client that asks for a large file and reads nothing loses its connection, and the file is closed', async () => {
    const url = await start({ waitMs: 100, stallMs: 300 });
    const { socket } = open(url, 'GET /large.bin HTTP/1.1\r\nhost: x\r\n\r\n');
    socket.pause();
    await expect.poll(() => metric(url, 'copydesk_in_flight_requests'), { timeout: 10_000 }).toBe(2);
    await expect.poll(() => metric(url, 'copydesk_in_flight_requests'), { timeout: 10_000 }).toBe(1);
    if (process.platform === 'linux') await expect.poll(() => openNow(join(page, 'large.bin')), { timeout: 10_000 }).toBe(0);
  });

  test('so does one that goes away in the middle of it', async () => {
    const url = await start();
    const leavers = Array.from({ length: 10 }, () => open(url, 'GET /large.bin HTTP/1.1\r\nhost: x\r\n\r\n'));
    await Promise.all(leavers.map(({ socket }) => new Promise((resolve) => socket.once('data', resolve))));
    for (const { socket } of leavers) socket.destroy();
    await expect.poll(() => metric(url, 'copydesk_requests_abandoned_total'), { timeout: 10_000 }).toBe(10);
    if (process.platform === 'linux') await expect.poll(() => openNow(join(page, 'large.bin')), { timeout: 10_000 }).toBe(0);
  });

  /** How often this process has a file open. */
  async function openNow(path: string): Promise<number> {
    const links = await Promise.all((await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    return links.filter((link) => link === path).length;
  }
});

describe('many connections', () => {
  test('beyond the limit a request is told so, a probe is answered, and a place that becomes free is used', async () => {
    const url = await start({ connections: 5 });
    const held = Array.from({ length: 5 }, () => open(url));
    await Promise.all(held.map(({ connected }) => connected));
    const probe = 'GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n';
    await expect.poll(() => speak(url, probe)).toMatch(/^HTTP\/1.1 200 .*connection: close.*"live":true/is);
    const body = '{"text": "a"}';
    expect(await speak(url, head(body.length) + body)).toMatch(/^HTTP\/1.1 503 .*retry-after: 1.*"too-many-connections"/is);
    for (const { socket } of held) socket.destroy();
    await expect.poll(async () => (await classify(url, { text: 'a' })).status).toBe(200);
    expect(await metric(url, 'copydesk_rejected_total{reason="too-many-connections"}')).toBeGreaterThanOrEqual(1);
  });
});

describe('bytes in hand', () => {
  test('beyond the limit large bodies are refused and small ones are taken', async () => {
    const url = await start({ queueBytes: 150_000 });
    const large = open(url, `${head(200_000)}${'a'.repeat(140_000)}`);
    await large.connected;
    await expect
      .poll(async () => {
        const { status, body, headers } = await classify(url, { text: 'a'.repeat(40_000) });
        return [status, (body.error as { code: string } | undefined)?.code, headers.get('retry-after')];
      })
      .toEqual([429, 'queue-full', '1']);
    expect((await classify(url, { text: 'a'.repeat(10_000) })).status).toBe(200);
    large.socket.destroy();
    await expect.poll(async () => (await classify(url, { text: 'a'.repeat(40_000) })).status).toBe(200);
  });

  test('what a request held is given back once, whatever happens', () => {
    const budget = createByteBudget(100, 10);
    const [one, two] = [budget.open(), budget.open()];
    one.hold(90);
    two.hold(10);
    expect(() => two.hold(1)).toThrow(/as many bytes/);
    one.release();
    one.release();
    expect(budget.bytes).toBe(10);
    two.hold(1);
    two.release();
    expect(budget.bytes).toBe(0);
  });
});

describe('what a body holds', () => {
  const shape = (text: string, depth = 3, values = 10): void => checkJsonShape(Buffer.from(text), { depth, values });

  test.each(['', '"', '"\\', '"\\"', '{"a": "[[[[[["}', '["\\"[[[[", "\\\\"]', '[[[1]]]', '[1,2,3,4,5,6,7,8]', ']]]]', '"台[[[["'])(
    '%s is let through to the parser',
    (text) => {
      expect(() => shape(text)).not.toThrow();
    },
  );

  test.each([
    ['[[[[1]]]]', 'invalid-request'],
    ['{"a":{"a":{"a":{}}}}', 'invalid-request'],
    ['["\\\\",[[[', 'invalid-request'],
    ['[1,2,3,4,5,6,7,8,9,10,11]', 'too-many-texts'],
    ['[[],[],[],[],[],[]]', 'too-many-texts'],
  ])('%s is refused as %s', (text, code) => {
    expect(() => shape(text)).toThrow(expect.objectContaining({ code }));
  });

  test.each<[string, string, string]>([
    ['half a million numbers', `{"texts":[${'1,'.repeat(499_000)}1]}`, 'too-many-texts'],
    ['half a million arrays, one in another', '['.repeat(500_000) + ']'.repeat(500_000), 'invalid-request'],
    ['eighty thousand fields', `{${Array.from({ length: 80_000 }, (_, i) => `"k${i}":1`)}}`, 'too-many-texts'],
    [
      'as many pairs as are allowed, for a model of single texts',
      `{"texts":[${Array(256).fill('{"text":"a","pair":"b"}')}]}`,
      'pair-unexpected',
    ],
  ])('%s: refused in a few words', async (_what, body, code) => {
    const reply = await classify(await start(), body);
    expect(reply.body).toMatchObject({ error: { code } });
    expect(JSON.stringify(reply.body).length).toBeLessThan(400);
  });
});

test('texts made to break tokenisers are answered, long and short, alone and all together', async () => {
  const parts = ['a', ' ', '\0', '\u0301', '台', '\u200d', '\u202e', '[', '\ud83d', '\udc00', '\ufeff', '👩‍👩‍👧', 'İ', '[CLS]', '\u00ad', '\ufdfa', '\uffff', 'e\u0301\u0323', '각', '\u{e0061}']; // biome-ignore format: a list
  const texts = parts.flatMap((part) => [part, part.repeat(700), `e${part.repeat(49_900 / part.length)}`]);
  const url = await start({ bodyBytes: 20_000_000, queueTexts: 4_096 });
  const together = await classify(url, { texts });
  expect(together.status).toBe(200);
  const results = together.body.results as { score: number }[];
  expect(results).toHaveLength(texts.length);
  for (const { score } of results) expect(Number.isFinite(score)).toBe(true);
  for (const [i, text] of texts.entries()) {
    const alone = await classify(url, { text });
    expect([alone.status, Math.abs((alone.body.score as number) - results[i]!.score) < 1e-6], `text ${i}`).toEqual([200, true]);
  }
});
