import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type HubServer, startHub } from '../models/hub/testing/hub-server.js';
import { createRepository } from '../models/hub/testing/hub-store.js';
import { digestsIn, filesOf, noise } from '../models/hub/testing/sample.js';
import { startStatic } from '../models/hub/testing/static-server.js';
import { writeSampleBundle } from '../serving/testing/sample-bundle.js';
import { copydesk } from './testing/copydesk.js';

let home: string;
let origin: string;
let to: string;
let server: HubServer;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-pull-verb-'));
  await writeSampleBundle({ to: join(home, 'origin') });
  origin = join(home, 'origin', 'sample', 'v1');
});
afterAll(() => rm(home, { recursive: true }));
beforeEach(async () => {
  server = await startHub();
  to = await mkdtemp(join(home, 'to-'));
});
afterEach(() => server.close());

const env = (): Record<string, string> => ({ HOME: home, HF_ENDPOINT: server.url, HF_TOKEN: 'hf_test' });
const run = (...args: string[]) => copydesk(args, { env: env() });

test('push, pull, verify, serve: each prints what the next one takes', async () => {
  const pushed = await run('push', join(home, 'origin'), 'desk/sample', '--private');
  expect(pushed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^desk\/sample@[0-9a-f]{40}\n$/) });
  expect(pushed.stderr).toMatch(/sending 3 files, .* MB\n.*desk\/sample: made, private; 3 files written, 0 removed/);
  const pulled = await run('pull', pushed.stdout.trim(), '--to', to);
  expect(pulled).toMatchObject({ code: 0, stdout: `${join(to, 'sample', 'v1')}\n` });
  expect(pulled.stderr).toMatch(/sample@v1 from desk\/sample@[0-9a-f]{40}: 2 files are whole/);
  expect(digestsIn(await filesOf(join(to, 'sample', 'v1')))).toEqual(digestsIn(await filesOf(origin)));
  expect(await run('serve', '--check', '--models', to)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok: sample@v1$/m) });
  expect((await run('push', to, 'desk/sample')).stderr).toMatch(/it holds this bundle already/);
});

test('--json says what came, and from where', async () => {
  const commit = JSON.parse((await run('push', origin, 'desk/sample', '--json')).stdout) as Record<string, unknown>;
  expect(commit).toMatchObject({ repository: 'desk/sample', url: `${server.url}/desk/sample`, created: true, removed: [] });
  const pulled = JSON.parse((await run('pull', 'desk/sample', '--to', to, '--json')).stdout) as Record<string, unknown>;
  expect(pulled).toEqual({ folder: join(to, 'sample', 'v1'), from: `desk/sample@${commit.commit}`, name: 'sample', version: 'v1' });
});

test('a bundle comes from any web server', async () => {
  const web = await startStatic(join(home, 'origin'));
  try {
    expect(await run('pull', `${web.url}/sample/v1/`, '--to', to)).toMatchObject({ code: 0, stdout: `${join(to, 'sample', 'v1')}\n` });
    expect((await run('pull', `${web.url}/sample/v1/`, '--plain', '--to', to)).stderr).toMatch(/--plain: .* is not on the hub/);
  } finally {
    await web.close();
  }
});

test('a model that is no bundle comes with --plain, for import', async () => {
  const model = { 'config.json': '{"model_type":"bert"}', 'tokenizer.json': '{}', 'model.safetensors': noise(500) };
  server.repositories.set('desk/bert', createRepository(false, model));
  expect((await run('pull', 'desk/bert', '--to', to)).stderr).toMatch(/not a bundle.*copydesk pull desk\/bert --plain/);
  const { stdout, stderr } = await run('pull', 'desk/bert', '--plain', '--to', to);
  expect(stdout).toBe(`${join(to, 'bert')}\n`);
  expect(stderr).toContain(`copydesk import ${join(to, 'bert')}`);
});

test('a pull that is killed goes on where it was, and a server never sees what is unfinished', async () => {
  const model = noise(400_000);
  const big = join(home, 'big');
  await writeSampleBundle({ to: big, files: { 'onnx/more.onnx': model.toString('latin1') } });
  const files = await filesOf(join(big, 'sample', 'v1'));
  server.repositories.set('desk/big', createRepository(false, files));
  const stalled = new RegExp(`^GET /${digestsIn(files)['onnx/more.onnx']}`);
  server.faults.push({ on: stalled, kind: 'stall', after: 150_000 });

  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'pull', 'desk/big', '--to', to], {
    env: { ...process.env, ...env() },
    stdio: 'ignore',
  });
  const part = join(to, 'sample', '.v1.pull', 'parts', `${digestsIn(files)['onnx/more.onnx']}.part`);
  while ((await sizeOf(part)) < 150_000) {
    expect(child.exitCode).toBe(null);
    await new Promise((done) => setTimeout(done, 20));
  }
  expect((await run('serve', '--check', '--models', to)).stderr).toMatch(/there is no bundle in this folder/);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await readdir(join(to, 'sample'))).toEqual(['.v1.pull']);
  expect((await run('serve', '--check', '--models', to)).stderr).toMatch(/there is no bundle in this folder/);

  server.seen.length = 0;
  expect(await run('pull', 'desk/big', '--to', to)).toMatchObject({ code: 0 });
  expect(server.seen.filter((seen) => seen.server === 'storage').map(({ range }) => range)).toEqual(['bytes=150000-']);
  expect(await readdir(join(to, 'sample'))).toEqual(['v1']);
  expect(await run('serve', '--check', '--models', to)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok: sample@v1$/m) });
});

test.each<[string, readonly string[], number, RegExp]>([
  ['a folder for a repository', ['pull', './bundles'], 2, /a repository of the hub is named, not a folder/],
  ['a repository that is not there', ['pull', 'desk/none'], 1, /copydesk pull: desk\/none@main: it is not there .* Fix: /],
  ['a bundle that is not there', ['push', 'nowhere', 'desk/x'], 1, /copydesk push: nowhere/],
  ['a branch that is none', ['push', 'nowhere', 'desk/x', '--revision', 'a b'], 2, /is no branch/],
])('%s: says so', async (_what, args, code, message) => {
  expect(await run(...args)).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
});

test('--help teaches by example', async () => {
  expect((await run('pull', '--help')).stdout).toMatch(/\$ copydesk pull newsroom\/headlines@v2/);
  expect((await run('push', '--help')).stdout).toMatch(/HF_TOKEN/);
});

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );
