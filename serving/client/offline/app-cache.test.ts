import { expect, test } from 'vitest';
import { type AppCache, createAppCache } from './app-cache.js';

const origin = 'https://desk.example';
async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A Cache that holds texts, and a server that may be changed. */
function world(served: Record<string, string>) {
  const held = new Map<string, string>();
  const asked: string[] = [];
  const cache = {
    match: async (url: string) => (held.has(url) ? new Response(held.get(url)) : undefined),
    put: async (url: string, response: Response) => void held.set(url, await response.text()),
    delete: async (given: string | { url: string }) => held.delete(typeof given === 'string' ? given : given.url),
    keys: async () => [...held.keys()].map((url) => ({ url })),
  } as unknown as Cache;
  const parts = {
    origin,
    open: async () => cache,
    fetch: (async (url: string) => {
      const path = url.slice(origin.length);
      asked.push(path);
      const content = served[path];
      if (content === undefined) throw new TypeError('no server');
      return new Response(content, { headers: { 'content-encoding': 'br', 'content-length': '3', 'content-type': 'text/plain' } });
    }) as typeof fetch,
  };
  async function app(files: Record<string, string>, later: readonly string[] = []): Promise<AppCache> {
    const listed = Object.entries(files).map(async ([path, text]) => ({ path, sha256: await sha256(text), later: later.includes(path) }));
    return createAppCache({ ...parts, files: await Promise.all(listed) });
  }
  return { served, held, asked, app };
}
const get = (path: string, mode = 'cors') => ({ method: 'GET', url: origin + path, mode: mode as RequestMode });
const files = { '/': 'page', '/app.js': 'script', '/gpu.js': 'for some' };

test('what was installed is given without the server, and says nothing of how it was packed', async () => {
  const { served, asked, app } = world({ ...files });
  const one = await app(files, ['/gpu.js']);
  await one.install();
  expect(asked).toEqual(['/', '/app.js']);
  for (const path of Object.keys(served)) delete served[path];
  const answer = await one.answer(get('/app.js'))!;
  expect(await answer.text()).toBe('script');
  expect(answer.headers.get('content-encoding')).toBeNull();
  expect(await (await one.answer(get('/?from=home', 'navigate'))!).text()).toBe('page');
});

test('the rest of the server is none of its business', async () => {
  const { app } = world({ ...files });
  const one = await app(files);
  for (const other of [get('/models'), get('/app.js?x'), get('/bundles/a/b/copydesk.json'), get('/docs', 'navigate'), { ...get('/'), method: 'POST' }, { ...get('/'), url: 'https://other.example/' }]) expect(one.answer(other)).toBeUndefined(); // biome-ignore format: one line
});

test('a file that is not of this version fails the whole version, and what was there stays', async () => {
  const { served, held, app } = world({ ...files });
  await (await app(files, ['/gpu.js'])).install();
  const before = [...held.keys()];
  served['/'] = 'page 2';
  const next = await app({ '/': 'page 2', '/app.js': 'script 2' });
  await expect(next.install()).rejects.toThrow('/app.js is not the file of this version');
  for (const address of before) expect(held.has(address)).toBe(true);
});

test('of a new version only what changed is fetched, and the old is forgotten when told to', async () => {
  const { served, held, asked, app } = world({ ...files });
  await (await app(files, ['/gpu.js'])).install();
  served['/app.js'] = 'script 2';
  asked.length = 0;
  const next = await app({ '/': 'page', '/app.js': 'script 2' });
  await next.install();
  expect(asked).toEqual(['/app.js']);
  expect(held.size).toBe(3);
  await next.clean();
  expect([...held.values()].sort()).toEqual(['page', 'script 2']);
});

test('what only some devices can use is kept once it was asked for, and with the next version then', async () => {
  const { served, held, app } = world({ ...files });
  const one = await app(files, ['/gpu.js']);
  await one.install();
  expect([...held.values()]).not.toContain('for some');
  await one.answer(get('/gpu.js'));
  expect([...held.values()]).toContain('for some');
  served['/gpu.js'] = 'for some 2';
  await (await app({ ...files, '/gpu.js': 'for some 2' }, ['/gpu.js'])).install();
  expect([...held.values()]).toContain('for some 2');
});

test('a damaged file is fetched again; where the server has another version by now, the network gives every file', async () => {
  const { served, held, app } = world({ ...files });
  await (await app(files)).install();
  const address = [...held.keys()].find((url) => url.includes('/app.js'))!;
  held.set(address, 'damaged');
  expect(await (await (await app(files)).answer(get('/app.js'))!).text()).toBe('script');
  expect(held.get(address)).toBe('script');
  held.set(address, 'damaged');
  for (const path of ['/', '/app.js']) served[path] += ' 2';
  const one = await app(files);
  expect(await (await one.answer(get('/app.js'))!).text()).toBe('script 2');
  expect(await (await one.answer(get('/', 'navigate'))!).text()).toBe('page 2');
  expect(held.size).toBe(0);
});
