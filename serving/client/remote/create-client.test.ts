import { describe, expect, test } from 'vitest';
import { CopydeskError } from '../asking/index.js';
import { createClient } from './create-client.js';
import { retryAfterOf, withRetries } from './retry.js';

type Sent = { readonly url: string; readonly body: Record<string, unknown> | undefined; readonly headers: Record<string, string> };

/** Each request gets the next of these; the last is given again and again. */
function server(...given: readonly ((sent: Sent) => Response | Promise<Response>)[]) {
  const sent: Sent[] = [];
  const answer = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const one = {
      url: String(url),
      body: init.body ? JSON.parse(init.body as string) : undefined,
      headers: init.headers as Record<string, string>,
    };
    sent.push(one);
    return given[Math.min(sent.length, given.length) - 1]!(one);
  };
  return { sent, fetch: answer as typeof fetch };
}

const answers = ({ body }: Sent): Response =>
  Response.json({ model: 'm', version: '1', results: (body!.texts as unknown[]).map((text) => ({ decision: 'publish', label: JSON.stringify(text) })) }); // biome-ignore format: one line
const refuses =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  (): Response =>
    Response.json({ error: { code, message: `it is ${code}`, fix: 'mend it' } }, { status, headers });

test('calls of one moment are one request, with the key, the model and the time that is left', async () => {
  const { sent, fetch } = server(answers);
  const client = createClient({
    url: 'https://desk.example/api/?x#y',
    key: async () => 'secret',
    model: 'm@1',
    fetch,
    headers: { 'x-own': '1' },
  });
  const [one, two] = await Promise.all([client.classify('a'), client.classify(['b', { text: 'c', pair: 'd' }])]);
  expect(one).toMatchObject({ decision: 'publish', label: '"a"' });
  expect(two.map((answer) => 'label' in answer && answer.label)).toEqual(['"b"', '{"text":"c","pair":"d"}']);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({
    url: 'https://desk.example/api/classify',
    headers: { authorization: 'Bearer secret', 'x-own': '1', 'content-type': 'application/json' },
    body: { texts: ['a', 'b', { text: 'c', pair: 'd' }], model: 'm@1' },
  });
  expect(sent[0]!.body!.timeout_ms).toBeLessThanOrEqual(30_000);
  expect(sent[0]!.body!.timeout_ms).toBeGreaterThan(20_000);
});

test('what passes is asked again, as soon as the server says', async () => {
  const { sent, fetch } = server(
    refuses(429, 'queue-full', { 'retry-after-ms': '1' }),
    refuses(503, 'draining', { 'retry-after': '0' }),
    answers,
  );
  expect(await createClient({ url: 'http://desk', fetch }).classify('a')).toMatchObject({ decision: 'publish' });
  expect(sent).toHaveLength(3);
});

test('what does not pass is told at once, in the words of the server', async () => {
  for (const [status, code] of [
    [401, 'unauthorized'],
    [404, 'unknown-model'],
    [500, 'model-failed'],
    [503, 'deadline-exceeded'],
  ] as const) {
    const { sent, fetch } = server(refuses(status, code));
    const lost = createClient({ url: 'http://desk', fetch }).classify('a');
    await expect(lost).rejects.toMatchObject({ name: 'CopydeskError', code, status, message: `it is ${code}`, fix: 'mend it' });
    expect(sent).toHaveLength(1);
  }
});

test('a wait that is longer than the time that is left is not begun', async () => {
  const { sent, fetch } = server(refuses(429, 'rate-limited', { 'retry-after': '60' }));
  const lost = createClient({ url: 'http://desk', fetch, timeout: 5_000 }).classify('a');
  await expect(lost).rejects.toMatchObject({ code: 'rate-limited', retryAfter: 60_000 });
  expect(sent).toHaveLength(1);
});

test('no server, and one that is not ours', async () => {
  const nothing = server(() => Promise.reject(new TypeError('fetch failed')));
  await expect(createClient({ url: 'http://desk', fetch: nothing.fetch, retries: 1 }).classify('a')).rejects.toMatchObject({
    code: 'unreachable',
  });
  expect(nothing.sent).toHaveLength(2);
  for (const strange of [
    new Response('<html>', { status: 200 }),
    Response.json({}),
    Response.json({ results: [{}] }),
    new Response('no', { status: 404 }),
  ]) {
    const { fetch } = server(() => strange);
    await expect(createClient({ url: 'http://desk', fetch }).classify('a')).rejects.toMatchObject({ code: 'answer-invalid' });
  }
});

test('a text that is refused does not take those of other callers with it', async () => {
  const { sent, fetch } = server((one) =>
    (one.body!.texts as string[]).includes('long') ? refuses(422, 'text-too-long')() : answers(one),
  );
  const client = createClient({ url: 'http://desk', fetch });
  const settled = await Promise.allSettled([client.classify('a'), client.classify('long')]);
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(sent).toHaveLength(3);
});

test('ready says which model answers; without it, which there are', async () => {
  const model = (name: string, version: string, usual: boolean) => ({ name, version, default: usual, labels: ['x'], activation: 'softmax', input: 'any', policy: {}, files: '/' }); // biome-ignore format: one line
  const { fetch } = server(() => Response.json({ models: [model('a', '1', false), model('a', '2', false), model('b', '1', true)] }));
  const described = (name?: string) => createClient({ url: 'http://desk', fetch, ...(name === undefined ? {} : { model: name }) }).ready();
  expect(await described()).toMatchObject({ name: 'b', version: '1', runs: { where: 'server', url: 'http://desk/' } });
  expect(await described('a')).toMatchObject({ name: 'a', version: '2' });
  expect(await described('a@1')).toMatchObject({ name: 'a', version: '1' });
  await expect(described('c')).rejects.toMatchObject({ code: 'unknown-model', fix: 'use one of a@1, a@2, b@1' });
});

test('dispose ends what is under way and refuses what comes later', async () => {
  const { fetch } = server(() => new Promise(() => {}));
  const client = createClient({ url: 'http://desk', fetch });
  const lost = Promise.allSettled([client.classify('a')]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  client.dispose();
  expect((await lost)[0]).toMatchObject({ reason: { code: 'disposed' } });
  for (const call of [client.classify('b'), client.models(), client.ready()])
    await expect(call).rejects.toMatchObject({ code: 'disposed' });
});

describe('retries', () => {
  const signal = new AbortController().signal;

  test('end with the last refusal, and wait longer each time', async () => {
    let asked = 0;
    const ask = (): Promise<never> =>
      Promise.reject(new CopydeskError('queue-full', `refusal ${++asked}`, 'wait', { status: 429, retryAfter: asked }));
    await expect(withRetries(ask, { retries: 2, deadline: Infinity, signal })).rejects.toThrow('refusal 3');
    expect(asked).toBe(3);
  });

  test('stop with the signal, in the middle of a wait', async () => {
    const stop = new AbortController();
    const ask = (): Promise<never> => Promise.reject(new CopydeskError('queue-full', 'full', 'wait', { status: 429, retryAfter: 60_000 }));
    const lost = withRetries(ask, { retries: 2, deadline: Infinity, signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 5);
    await expect(lost).rejects.toThrow('enough');
  });

  test('Retry-After in its three forms', () => {
    const at = (headers: Record<string, string>) => retryAfterOf(new Headers(headers), Date.UTC(2026, 0, 1));
    expect(at({ 'retry-after-ms': '12', 'retry-after': '9' })).toBe(12);
    expect(at({ 'retry-after': '2' })).toBe(2_000);
    expect(at({ 'retry-after': 'Thu, 01 Jan 2026 00:00:03 GMT' })).toBe(3_000);
    expect(at({ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' })).toBe(0);
    expect(at({ 'retry-after': 'soon' })).toBeUndefined();
    expect(at({})).toBeUndefined();
  });
});
