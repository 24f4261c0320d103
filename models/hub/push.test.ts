import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openHub, type PushOptions, parseRepository, parseRevision, parseSource, pullBundle, pushBundle } from './node.js';
import { type HubServer, startHub } from './testing/hub-server.js';
import { addCommit, commitAt, createRepository, putAll } from './testing/hub-store.js';
import { digestsIn, filesOf, noise, writeSample } from './testing/sample.js';

let home: string;
let folder: string;
let server: HubServer;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-push-'));
  ({ folder } = await writeSample(join(home, 'origin'), { more: { 'onnx/model_fp16.onnx': 'half' } }));
});
afterAll(() => rm(home, { recursive: true }));
beforeEach(async () => {
  server = await startHub();
});
afterEach(() => server.close());

const open = (token = 'hf_test') =>
  openHub({ HOME: home, HF_ENDPOINT: server.url, HF_TOKEN: token }, { attempts: 3, wait: async () => {} });
const push = async (options: Partial<PushOptions> & { token?: string } = {}) =>
  pushBundle({ folder, hub: await open(options.token), repository: 'desk/tiny', ...options });
const treeAt = (revision = 'main') => commitAt(server.repositories.get('desk/tiny')!, revision)!.tree;
const pathsAt = (revision?: string) => [...treeAt(revision).keys()].sort();
const asked = (path: RegExp) => server.seen.filter((seen) => path.test(`${seen.method} ${seen.path}`));

test('a repository is made, and holds the bundle after one commit: models in the storage, the card as its README', async () => {
  const started: number[][] = [];
  const { created, changed, commit } = await push({ isPrivate: true, onStart: (...what) => started.push(what) });
  expect([created, changed.length, commit]).toEqual([true, 5, server.repositories.get('desk/tiny')!.branches.get('main')]);
  expect(started).toEqual([[5, expect.any(Number)]]);
  expect(server.repositories.get('desk/tiny')!.isPrivate).toBe(true);
  expect(commitAt(server.repositories.get('desk/tiny')!, 'main')).toMatchObject({ title: 'tiny v1' });
  expect(pathsAt()).toEqual(['.gitattributes', ...Object.keys(await filesOf(folder))].sort());
  expect([...treeAt()].filter(([, { isLarge }]) => isLarge).map(([path]) => path)).toEqual(['onnx/model.onnx', 'onnx/model_fp16.onnx']);
  expect(asked(/POST .*\/commit\//)).toHaveLength(1);
  expect(asked(/PUT/).map(({ server, authorization }) => [server, authorization])).toEqual([['storage', undefined], ['storage', undefined]]); // biome-ignore format: a table
});

test('what was pushed is pulled as it was', async () => {
  const { commit } = await push();
  const hub = await open();
  const { bundle } = await pullBundle({ source: parseSource(`desk/tiny@${commit}`, hub.url), hub, to: join(home, 'pulled') });
  expect(digestsIn(await filesOf(bundle.folder))).toEqual(digestsIn(await filesOf(folder)));
});

test('what is there already is not sent, and makes no commit', async () => {
  const first = await push();
  server.seen.length = 0;
  expect(await push()).toEqual({ commit: first.commit, created: false, changed: [], removed: [] });
  expect(server.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
});

test('another version takes the place of the first: its files go, what was never a bundle stays', async () => {
  await push();
  addCommit(server.repositories.get('desk/tiny')!, 'main', 'by hand', (tree) =>
    putAll(tree, { 'plots/roc.png': 'picture', 'notes.md': 'mine' }),
  );
  const next = await writeSample(join(home, 'next'), { version: 'v2', model: noise(2000, 4) });
  const { changed, removed } = await push({ folder: next.folder, message: 'Better on sport' });
  expect(removed).toEqual(['onnx/model_fp16.onnx']);
  expect([...changed].sort()).toEqual(['README.md', 'copydesk.json', 'onnx/model.onnx']);
  expect(pathsAt()).toEqual([...Object.keys(await filesOf(next.folder)), '.gitattributes', 'notes.md', 'plots/roc.png'].sort());
  expect(commitAt(server.repositories.get('desk/tiny')!, 'main')).toMatchObject({ title: 'Better on sport' });
});

test('a branch is made where it is missing, and main stays as it is', async () => {
  server.repositories.set('desk/tiny', createRepository());
  expect(await push({ revision: 'next' })).toMatchObject({ created: false });
  expect(pathsAt('next')).toContain('copydesk.json');
  expect(pathsAt()).toEqual(['.gitattributes']);
});

test('a repository without .gitattributes gets them', async () => {
  server.repositories.set('desk/tiny', createRepository());
  addCommit(server.repositories.get('desk/tiny')!, 'main', 'without', (tree) => tree.delete('.gitattributes'));
  await push();
  expect(treeAt().get('.gitattributes')!.bytes.toString()).toMatch(/^\*\.onnx filter=lfs diff=lfs merge=lfs -text$/m);
});

test('large files go up in parts where the hub asks for that, and a storage that is busy is asked again', async () => {
  await server.close();
  server = await startHub({ partBytes: 100_000 });
  server.faults.push({ on: /^PUT .*part=2/, kind: 'status', status: 503 });
  await push();
  expect(asked(/PUT/)).toHaveLength(3 + 1 + 1);
  expect(digestsIn({ model: treeAt().get('onnx/model.onnx')!.bytes })).toEqual(digestsIn({ model: noise(300_000) }));
});

test('who pushes at the same time wins, and is not overwritten', async () => {
  await push();
  const next = await writeSample(join(home, 'race'), { version: 'v3' });
  const other = () => addCommit(server.repositories.get('desk/tiny')!, 'main', 'meanwhile', (tree) => putAll(tree, { 'a.txt': 'a' }));
  await expect(push({ folder: next.folder, onStart: other })).rejects.toThrow(
    /desk\/tiny@main: somebody else has changed it meanwhile \(status 412/,
  );
  expect(pathsAt()).toContain('a.txt');
});

test('a commit that may have been made is not asked for twice', async () => {
  server.faults.push({ on: /commit\/main/, kind: 'status', status: 500, times: 9 });
  await expect(push()).rejects.toMatchObject({ code: 'hub/refused', message: expect.stringMatching(/status 500/) });
  expect(asked(/commit\/main/)).toHaveLength(1);
});

test('a bundle that does not verify goes nowhere', async () => {
  const damaged = await writeSample(join(home, 'damaged'));
  await writeFile(join(damaged.folder, 'onnx', 'model.onnx'), noise(300_000, 8));
  await expect(push({ folder: damaged.folder })).rejects.toMatchObject({ code: 'bundle/hash' });
  await writeFile(join(damaged.folder, 'onnx', 'model.onnx'), noise(300_000));
  await writeFile(join(damaged.folder, 'secret.txt'), 'not listed');
  await expect(push({ folder: damaged.folder })).rejects.toThrow(/secret\.txt is not listed/);
  expect(server.seen).toEqual([]);
});

test.each([
  ['without a token', '', /status 401: .*Fix: .*HF_TOKEN/],
  ['with a token that the hub does not know', 'hf_other', /status 401: .*Fix: .*HF_TOKEN/],
])('%s nothing is written, and it says what to do', async (_what, token, message) => {
  await expect(push({ token })).rejects.toThrow(message);
  server.repositories.set('desk/tiny', createRepository());
  await expect(push({ token })).rejects.toMatchObject({ code: 'hub/refused', message: expect.stringMatching(/Fix: .*HF_TOKEN/) });
  expect(pathsAt()).toEqual(['.gitattributes']);
});

test('a token of any form is sent to a hub of one’s own', async () => {
  await server.close();
  server = await startHub({ tokens: ['glpat-mirror'] });
  expect(await push({ token: 'glpat-mirror' })).toMatchObject({ created: true });
});

test('what is no repository or branch is refused', () => {
  expect(() => parseRepository('./bundles/tiny')).toThrow(/not a folder/);
  expect(() => parseRevision('a b')).toThrow(/is no branch/);
});
