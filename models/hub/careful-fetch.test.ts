import { afterEach, expect, test, vi } from 'vitest';
import { carefulFetch } from './careful-fetch.js';

type Asked = { readonly url: string; readonly method: string; readonly authorization: string | null };

afterEach(() => vi.unstubAllGlobals());

/** Answers by address, in place of the network. */
function network(answers: Readonly<Record<string, () => Response | Promise<Response>>>): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', async (url: URL, { method = 'GET', headers }: RequestInit = {}) => {
    asked.push({ url: url.href, method, authorization: new Headers(headers).get('authorization') });
    return answers[url.href]!();
  });
  return asked;
}
const to =
  (location: string, status = 302) =>
  () =>
    new Response(null, { status, headers: { location } });
const ok = () => new Response('ok');
const broken = () => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } }));
const token = { origin: 'https://hub.example', value: 'hf_secret' };
const waits: number[] = [];
const { fetch: careful } = carefulFetch({ token, attempts: 3, wait: async (ms) => waits.push(ms) });

test('the token goes to the hub alone, along every redirect and back', async () => {
  const asked = network({
    'https://hub.example/a': to('https://storage.example/b'),
    'https://storage.example/b': to('https://hub.example/c'),
    'https://hub.example/c': ok,
  });
  expect(await (await careful('https://hub.example/a')).text()).toBe('ok');
  expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer hf_secret', null, 'Bearer hf_secret']);
});

test('what a storage is to be shown does not go on to the next server, and a name like the hub’s is not the hub', async () => {
  const asked = network({
    'https://storage.example/b': to('https://other.example/c'),
    'https://other.example/c': to('https://hub.example.evil/d'),
    'https://hub.example.evil/d': ok,
  });
  await careful('https://storage.example/b', { headers: { authorization: 'Bearer of the storage' } });
  expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer of the storage', null, null]);
});

test.each([
  ['from https to http', { 'https://hub.example/a': to('http://127.0.0.1/b') }, /redirects from https to http:\/\/127\.0\.0\.1/],
  ['in a circle', { 'https://hub.example/a': to('/a') }, /hub\.example: it redirects in a circle/],
  ['to what is no web address', { 'https://hub.example/a': to('file:///etc/passwd') }, /from https to file:/],
])('a redirect %s is refused', async (_what, answers, message) => {
  network(answers);
  await expect(careful('https://hub.example/a')).rejects.toMatchObject({ code: 'hub/answer', message: expect.stringMatching(message) });
});

test('a question is asked again, each time after a longer wait; what may have changed something is not', async () => {
  waits.length = 0;
  const asked = network({ 'https://hub.example/a': broken });
  await expect(careful('https://hub.example/a')).rejects.toMatchObject({
    code: 'hub/unreachable',
    message: expect.stringMatching(/ECONNRESET, 3 times/),
  });
  expect(waits).toEqual([500, 1000]);
  await expect(careful('https://hub.example/a', { method: 'POST' })).rejects.toThrow(/ECONNRESET, once/);
  expect(asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST']);
});

test('a POST that was turned away unread is sent again; a failed one is handed back', async () => {
  const statuses = [503, 429, 200, 500];
  const asked = network({ 'https://hub.example/a': () => new Response('', { status: statuses.shift()! }) });
  expect((await careful('https://hub.example/a', { method: 'POST' })).status).toBe(200);
  expect((await careful('https://hub.example/a', { method: 'POST' })).status).toBe(500);
  expect(asked).toHaveLength(4);
});

test('a moved repository keeps the method; a body is never sent to where only a page is meant', async () => {
  const asked = network({ 'https://hub.example/a': to('/b', 307), 'https://hub.example/b': ok, 'https://hub.example/c': to('/b', 303) });
  expect((await careful('https://hub.example/a', { method: 'POST', body: 'x' })).status).toBe(200);
  expect((await careful('https://hub.example/c', { method: 'POST', body: 'x' })).status).toBe(303);
  expect(asked.map(({ method, url }) => `${method} ${url.at(-1)}`)).toEqual(['POST a', 'POST b', 'POST c']);
});
