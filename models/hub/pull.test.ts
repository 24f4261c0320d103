import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findBundles, verifyBundle } from '../bundle/node.js';
import { type HubOptions, openHub, parseSource, pullBundle, pullPlain } from './node.js';
import { type HubServer, startHub } from './testing/hub-server.js';
import { addCommit, createRepository, putAll } from './testing/hub-store.js';
import { digestsIn, filesOf, noise, writeSample } from './testing/sample.js';
import { type StaticServer, startStatic } from './testing/static-server.js';

let home: string;
let files: Record<string, Buffer>;
let server: HubServer;
let web: StaticServer;
let to: string;
const retries: string[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-pull-'));
  files = await filesOf((await writeSample(join(home, 'origin'))).folder);
});
afterAll(() => rm(home, { recursive: true }));
beforeEach(async () => {
  server = await startHub();
  server.repositories.set('desk/tiny', createRepository(false, files));
  web = await startStatic(join(home, 'origin'));
  to = await mkdtemp(join(home, 'to-'));
  retries.length = 0;
});
afterEach(async () => {
  await server.close();
  await web.close();
});

const patience: HubOptions = { attempts: 3, idleMs: 500, wait: async () => {}, onRetry: (what) => retries.push(what) };
const open = (env: Readonly<Record<string, string>> = {}, options: HubOptions = {}) =>
  openHub({ HOME: home, HF_ENDPOINT: server.url, ...env }, { ...patience, ...options });
async function pull(
  text: string,
  { env = {}, overwrite = false, ...options }: { env?: Record<string, string>; overwrite?: boolean } & HubOptions = {},
) {
  const hub = await open(env, options);
  return pullBundle({ source: parseSource(text, hub.url), hub, to, overwrite });
}
const plain = async (text: string) => {
  const hub = await open();
  return pullPlain({ source: parseSource(text, hub.url) as never, hub, to });
};
const rangesOf = (requests: HubServer['seen'], path: RegExp) => requests.filter((seen) => path.test(seen.path)).map(({ range }) => range);
const expectFiles = async (folder: string, expected: Readonly<Record<string, Buffer | string>>) =>
  expect(digestsIn(await filesOf(folder))).toEqual(digestsIn(expected));
async function putFiles(folder: string, contents: Readonly<Record<string, Buffer | string>>): Promise<void> {
  await mkdir(join(folder, 'onnx'), { recursive: true });
  for (const [path, content] of Object.entries(contents)) await writeFile(join(folder, path), content);
}
const untouched = async () =>
  expect((await readdir(to, { recursive: true })).filter((path) => !path.includes('.pull') && path !== 'tiny')).toEqual([]);

describe('from a hub', () => {
  test('a bundle comes whole, file by file as it was, and nothing else is left; a second pull asks for no file', async () => {
    const { bundle, from, unchanged } = await pull('desk/tiny');
    expect(bundle.folder).toBe(join(to, 'tiny', 'v1'));
    await expectFiles(bundle.folder, files);
    expect(unchanged).toBe(false);
    expect(from).toBe(`desk/tiny@${server.repositories.get('desk/tiny')!.branches.get('main')}`);
    expect(await readdir(join(to, 'tiny'))).toEqual(['v1']);
    server.seen.length = 0;
    expect(await pull(`hf:${from}`)).toMatchObject({ from, unchanged: true });
    expect(server.seen.filter(({ path }) => path.includes('onnx'))).toEqual([]);
  });

  test('the address of its page and of a branch name it too; long listings come in pages', async () => {
    await server.close();
    server = await startHub({ pageSize: 2 });
    server.repositories.set('desk/tiny', createRepository(false, files));
    server.repositories.get('desk/tiny')!.branches.set('next/2', server.repositories.get('desk/tiny')!.branches.get('main')!);
    await pull(`${server.url}/desk/tiny`);
    expect((await pull(`${server.url}/desk/tiny/tree/next/2`)).unchanged).toBe(true);
    expect(server.seen.filter(({ path }) => /tree.*cursor=/.test(path)).length).toBeGreaterThan(1);
  });

  test('one state is pulled, though somebody pushes meanwhile', async () => {
    const repository = server.repositories.get('desk/tiny')!;
    const push = () => addCommit(repository, 'main', 'later', (tree) => putAll(tree, { 'onnx/model.onnx': noise(300_000, 9) }));
    const hub = await open();
    const { bundle } = await pullBundle({ source: parseSource('desk/tiny', hub.url), hub, to, onProgress: () => void push() });
    await expectFiles(bundle.folder, files);
  });

  test('a file that is cut goes on by a range, from the storage that it lies in', async () => {
    server.faults.push({ on: /^GET \/[0-9a-f]{64}/, kind: 'cut', after: 100_000, times: 2 });
    const { bundle } = await pull('desk/tiny');
    await expectFiles(bundle.folder, files);
    const storage = server.seen.filter((seen) => seen.server === 'storage');
    expect(storage.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-', 'bytes=200000-']);
    expect(storage[1]!.ifRange).toMatch(/^"[0-9a-f]{64}"$/);
    expect(retries[0]).toMatch(/onnx\/model\.onnx: .* after 100000 of 300000 bytes; trying again in 0\.5 s/);
  });

  test('what arrived before a pull that failed is not asked for again, and nothing of it is seen as a bundle', async () => {
    server.faults.push(
      { on: /^GET \/[0-9a-f]{64}/, kind: 'stall', after: 50_000, times: 1 },
      { on: /^GET \/[0-9a-f]{64}/, kind: 'status', status: 503, times: 9 },
    );
    await expect(pull('desk/tiny')).rejects.toThrow(/status 503/);
    await untouched();
    await expect(findBundles([to])).rejects.toThrow(/no bundle/);
    expect(retries[0]).toMatch(/nothing came for 0\.5 s after 50000 of 300000 bytes/);
    server.faults.length = server.seen.length = 0;
    await verifyBundle((await pull('desk/tiny')).bundle.folder);
    expect(server.seen.filter((seen) => seen.server === 'storage').map(({ range }) => range)).toEqual(['bytes=50000-']);
    expect(rangesOf(server.seen, /resolve.*README/)).toEqual([]);
  });

  test('a server that is busy is asked again, after as long as it says', async () => {
    const waited: number[] = [];
    server.faults.push(
      { on: /revision/, kind: 'status', status: 503 },
      { on: /resolve.*copydesk/, kind: 'status', status: 429, headers: { 'retry-after': '7' } },
    );
    await pull('desk/tiny', { wait: async (ms) => waited.push(ms) });
    expect(waited).toEqual([500, 7000]);
  });

  test.each([
    ['large', /^GET \/[0-9a-f]{64}/],
    ['small', /^GET .*resolve.*README/],
  ])('a %s file with a wrong byte is refused and not kept', async (_what, on) => {
    server.faults.push({ on, kind: 'damage' });
    await expect(pull('desk/tiny')).rejects.toMatchObject({
      code: 'bundle/hash',
      message: expect.stringMatching(/has the sha256 \w+, not the \w+ of its record/),
    });
    await untouched();
    expect((await pull('desk/tiny')).unchanged).toBe(false);
  });

  test('a file that was changed on its page is found before anything large comes', async () => {
    const repository = server.repositories.get('desk/tiny')!;
    addCommit(repository, 'main', 'edit', (tree) => putAll(tree, { 'README.md': '# changed' }));
    await expect(pull('desk/tiny')).rejects.toThrow(/README\.md is 9 bytes long there, not 32/);
    addCommit(repository, 'main', 'edit', (tree) =>
      putAll(tree, { 'README.md': files['README.md']!, 'onnx/model.onnx': noise(300_000, 5) }),
    );
    await expect(pull('desk/tiny')).rejects.toThrow(/model\.onnx has another sha256 there/);
    addCommit(repository, 'main', 'edit', (tree) => tree.delete('onnx/model.onnx'));
    await expect(pull('desk/tiny')).rejects.toThrow(/model\.onnx is not in it/);
    expect(server.seen.filter((seen) => seen.server === 'storage')).toEqual([]);
  });

  test('paths that lead out of the folder are refused, wherever they stand', async () => {
    const text = files['copydesk.json']!.toString();
    const evil = { ...files, 'copydesk.json': text.replace('"path": "README.md"', '"path": "../../evil.md"') };
    server.repositories.set('desk/evil', createRepository(false, evil));
    await expect(pull('desk/evil')).rejects.toMatchObject({ code: 'bundle/path' });
    server.repositories.set('desk/evil', createRepository(false, { ...files, '../evil.json': '{}', 'model.safetensors': 'x' }));
    await expect(pull('desk/evil')).rejects.toMatchObject({ code: 'bundle/path' });
    await expect(plain('desk/evil')).rejects.toMatchObject({ code: 'bundle/path' });
    expect(await readdir(to)).toEqual([]);
    expect(existsSync(join(home, 'evil.md')) || existsSync(join(to, 'evil.md'))).toBe(false);
  });

  test('another bundle of that name stays unless it may be replaced', async () => {
    await pull('desk/tiny');
    const other = await filesOf((await writeSample(await mkdtemp(join(home, 'other-')), { model: noise(1000, 2) })).folder);
    server.repositories.set('desk/other', createRepository(false, other));
    await expect(pull('desk/other')).rejects.toMatchObject({ code: 'export/failed', message: expect.stringMatching(/--overwrite/) });
    await expectFiles((await pull('desk/other', { overwrite: true })).bundle.folder, other);
    expect(await readdir(join(to, 'tiny'))).toEqual(['v1']);
  });

  test('two pulls do not write to one folder; the lock of a process that is gone does not hold', async () => {
    const lock = join(to, 'tiny', '.v1.pull', 'lock');
    await mkdir(join(to, 'tiny', '.v1.pull'), { recursive: true });
    const { hostname } = await import('node:os');
    await writeFile(lock, `${process.ppid}@${hostname()}`);
    await expect(pull('desk/tiny')).rejects.toThrow(/another pull is at it \(process \d+@/);
    await writeFile(lock, `999999999@${hostname()}`);
    await pull('desk/tiny');
  });
});

describe('tokens', () => {
  beforeEach(() => server.repositories.set('desk/secret', createRepository(true, files)));

  test('what is private comes with a token, from the variable or the file; the storage never sees it, the hub always', async () => {
    await pull('desk/secret', { env: { HF_TOKEN: 'hf_test' } });
    const [hub, storage] = ['hub', 'storage'].map((name) => server.seen.filter((seen) => seen.server === name));
    expect(new Set(hub!.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer hf_test']));
    expect(storage!.map(({ authorization }) => authorization)).toEqual([undefined]);
    await mkdir(join(home, 'hf'), { recursive: true });
    await writeFile(join(home, 'hf', 'token'), 'hf_test\n');
    for (const env of [{ HF_HOME: join(home, 'hf') }, { HF_TOKEN_PATH: '~/hf/token' }])
      expect((await pull('desk/secret', { env })).unchanged).toBe(true);
  });

  test('a web server is not told of it', async () => {
    await pull(`${web.url}/tiny/v1/`, { env: { HF_TOKEN: 'hf_test' } });
    expect(web.seen.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test.each([
    [
      'none',
      {},
      /desk\/secret@main: it is not open to everybody, or not there.*\(status 401: Invalid username or password\.\)\. Fix: .*set HF_TOKEN/,
    ],
    ['another', { HF_TOKEN: 'hf_of_somebody_else' }, /status 401/],
  ])('with %s it says what to do, without showing it', async (_what, env: Record<string, string>, message) => {
    const error = await pull('desk/secret', { env }).catch((error: Error) => error);
    expect(error).toMatchObject({ code: 'hub/refused', message: expect.stringMatching(message) });
    expect(String((error as Error).stack)).not.toContain('hf_of');
  });

  test('what cannot be a token is not sent, and not shown', async () => {
    const error = (await open({ HF_TOKEN: 'two words' }).catch((error: Error) => error)) as Error;
    expect(error.message).toMatch(/^HF_TOKEN: it holds something that cannot be a token/);
    expect(error.message).not.toContain('two words');
  });
});

describe('what is no bundle', () => {
  const model = {
    'config.json': '{"model_type":"bert"}',
    'tokenizer.json': '{}',
    'model.safetensors': noise(50_000),
    'pytorch_model.bin': noise(60_000),
    'onnx/model.onnx': 'x',
  };

  test('is refused with the commands that bring it into one; --plain brings what they read, checked, once', async () => {
    server.repositories.set('desk/bert', createRepository(false, model));
    await expect(pull('desk/bert')).rejects.toMatchObject({
      code: 'bundle/missing',
      message: expect.stringMatching(/pull desk\/bert --plain --to DIR.*copydesk import DIR\/bert/),
    });
    server.faults.push({ on: /^GET \/[0-9a-f]{64}/, kind: 'cut', after: 20_000 });
    const { folder } = await plain('desk/bert');
    const { 'config.json': config, 'tokenizer.json': tokenizer, 'model.safetensors': weights } = model;
    await expectFiles(folder, {
      'config.json': Buffer.from(config),
      'tokenizer.json': Buffer.from(tokenizer),
      'model.safetensors': weights,
    });
    server.seen.length = 0;
    await plain('desk/bert');
    expect(server.seen.filter(({ path }) => path.includes('resolve'))).toEqual([]);
    await writeFile(join(folder, 'config.json'), '{}');
    await expect(plain('desk/bert')).rejects.toThrow(/it exists, and its config\.json is 2 bytes long/);
  });

  test('without safetensors there is nothing to bring', async () => {
    const { 'model.safetensors': _, ...pickled } = model;
    server.repositories.set('desk/bert', createRepository(false, pickled));
    await expect(plain('desk/bert')).rejects.toMatchObject({ code: 'weights/missing' });
  });

  test.each([
    ['desk/nothing', /it is not open to everybody, or not there/],
    ['desk/tiny@v9', /desk\/tiny@v9: it is not there \(status 404: Invalid rev id: v9\)/],
  ])('%s: says so', async (source, message) => {
    await expect(pull(source)).rejects.toThrow(message);
  });
});

describe('from any web server', () => {
  test.each(['', 'copydesk.json'])('the folder comes, by its address followed by %j', async (end) => {
    const { bundle, from } = await pull(`${web.url}/tiny/v1/${end}`);
    await expectFiles(bundle.folder, files);
    expect(from).toBe(`${web.url}/tiny/v1/`);
  });

  test('a cut goes on, with strong ETags and with weak ones', async () => {
    for (const weak of [false, true]) {
      const other = await startStatic(join(home, 'origin'), { weak });
      other.faults.push({ on: /onnx/, kind: 'cut', after: 1000 });
      to = await mkdtemp(join(home, 'to-'));
      await pull(`${other.url}/tiny/v1/`);
      expect(other.seen.filter(({ path }) => path.includes('onnx')).map(({ range, ifRange }) => [range, ifRange !== undefined])).toEqual([
        [undefined, false],
        ['bytes=1000-', !weak],
      ]);
      await other.close();
    }
  });

  test('from a server without ranges a file that was cut comes again from its start', async () => {
    const other = await startStatic(join(home, 'origin'), { ranges: false });
    other.faults.push({ on: /onnx/, kind: 'cut', after: 1000 });
    await expectFiles((await pull(`${other.url}/tiny/v1/`)).bundle.folder, files);
    expect(rangesOf(other.seen, /onnx/)).toHaveLength(2);
    await other.close();
  });

  test('a part of other content is thrown away, and the file comes from its start', async () => {
    const { manifest } = await verifyBundle(join(home, 'origin', 'tiny', 'v1'));
    const { sha256 } = manifest.files.find(({ path }) => path === 'onnx/model.onnx')!;
    await mkdir(join(to, 'tiny', '.v1.pull', 'parts'), { recursive: true });
    await writeFile(join(to, 'tiny', '.v1.pull', 'parts', `${sha256}.part`), noise(777, 3));
    await expectFiles((await pull(`${web.url}/tiny/v1`)).bundle.folder, files);
    expect(rangesOf(web.seen, /onnx/)).toEqual(['bytes=777-', undefined]);
  });

  test('a file of another length, one that no disk holds, and a manifest without end are refused before they come', async () => {
    const folder = await mkdtemp(join(home, 'wrong-'));
    const other = await startStatic(folder);
    const text = files['copydesk.json']!.toString();
    await putFiles(folder, { ...files, 'onnx/model.onnx': noise(300_001) });
    await expect(pull(other.url)).rejects.toThrow(/model\.onnx has 300001 bytes to come, not the 300000 of its record/);
    await putFiles(folder, { 'copydesk.json': text.replace('"bytes": 300000', '"bytes": 9000000000000000') });
    await expect(pull(other.url)).rejects.toThrow(/there are [\d.]+ GB free, and 9000000\.0 GB would come/);
    await putFiles(folder, { 'copydesk.json': ' '.repeat((16 << 20) + 1) });
    await expect(pull(other.url)).rejects.toMatchObject({
      code: 'hub/answer',
      message: expect.stringMatching(/is longer than 16777216 bytes/),
    });
    await other.close();
  });

  test('no server, no such page, another page and no hub are told apart', async () => {
    await expect(pull(`${web.url}/tiny/v2/`)).rejects.toThrow(/tiny\/v2\/copydesk\.json: it is not there \(status 404\)/);
    await writeFile(join(home, 'origin', 'copydesk.json'), '<html>');
    await expect(pull(web.url)).rejects.toMatchObject({ code: 'bundle/invalid' });
    const gone = await startStatic(home);
    await gone.close();
    await expect(pull(`${gone.url}/tiny/`)).rejects.toMatchObject({
      code: 'hub/unreachable',
      message: expect.stringMatching(/ECONNREFUSED, 3 times\. Fix: .*NODE_USE_ENV_PROXY/),
    });
    await expect(pull('desk/tiny', { env: { HF_ENDPOINT: `${web.url}/tiny/v1` } })).rejects.toMatchObject({ code: 'hub/refused' });
  });

  test('http is for this machine alone, unless one trusts the network', async () => {
    await expect(pull('http://news.example/tiny/')).rejects.toThrow(/http:\/\/news\.example: .* Fix: use https, or say --insecure/);
    await expect(open({ HF_ENDPOINT: 'http://hub.example' })).rejects.toThrow(/--insecure/);
    await expect(open({ HF_ENDPOINT: 'http://hub.example' }, { insecure: true })).resolves.toMatchObject({ url: 'http://hub.example' });
    await expect(pull('ftp://news.example/tiny/')).rejects.toThrow(/is no repository/);
  });
});
