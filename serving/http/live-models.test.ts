import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { hashSecret, makeApiKey, type Scope, writeApiKey, writeKeyFile } from '../access/index.js';
import { classify } from '../testing/http.js';
import { type SampleOptions, writeSampleBundle } from '../testing/sample-bundle.js';
import type { ServerOptions } from './options.js';
import { type RunningServer, startServer } from './start-server.js';

let home: string;
let keys: string;
let bundles: string;
const servers: RunningServer[] = [];
const owner = { admin: ['admin', 'classify'], editor: ['classify'] } satisfies Record<string, Scope[]>;
const made = { admin: makeApiKey(), editor: makeApiKey() };
const as = (name: keyof typeof owner) => ({ authorization: `Bearer ${writeApiKey(made[name])}` });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-live-'));
  keys = join(home, 'keys.json');
  const stored = (['admin', 'editor'] as const).map((name) => {
    const { id, secret } = made[name];
    return { id, name, hash: hashSecret(secret), scopes: owner[name], rates: [], quotas: [], created: '2026-01-01T00:00:00.000Z' };
  });
  await writeKeyFile(keys, { version: 1, keys: stored });
});
beforeEach(async () => {
  bundles = await mkdtemp(join(home, 'bundles-'));
  await write('v1');
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((one) => one.close()));
});
afterAll(() => rm(home, { recursive: true }));

const write = (version: string, options: SampleOptions = {}) =>
  writeSampleBundle({
    to: bundles,
    version,
    ...options,
    manifest: { created: `2026-01-01T00:00:0${version.slice(-1)}Z`, ...options.manifest },
  });

async function start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const server = await startServer({ models: [bundles], port: 0, workers: 2, page: '/nowhere', logLevel: 'silent', ...options });
  servers.push(server);
  return server;
}
const ask = async ({ url }: RunningServer, model?: string, headers = {}) =>
  classify(url, { text: 'a plain text', ...(model ? { model } : {}) }, headers);
const versionOf = async (server: RunningServer, model?: string) => (await ask(server, model)).body.version;

describe('by request', () => {
  const admin = async ({ url }: RunningServer, path: string, body?: object, headers: Readonly<Record<string, string>> = as('admin')) => {
    const response = await fetch(`${url}/admin/models${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = (await response.json()) as {
      models?: { key: string; state: string; default: boolean }[];
      error?: { code: string; message: string };
    };
    return { status: response.status, models: answer.models?.map((one) => [one.key, one.state, one.default]), error: answer.error };
  };

  test('models are listed, loaded, made the default and let go', async () => {
    const server = await start({ keys });
    await write('v2');
    expect((await admin(server, '')).models).toEqual([['sample@v1', 'serving', true], ['sample@v2', 'available', false]]); // biome-ignore format: one table
    expect((await admin(server, '/load', { model: 'sample@v2' })).models).toEqual([['sample@v1', 'serving', false], ['sample@v2', 'serving', true]]); // biome-ignore format: one table
    const file = await fetch(`${server.url}/bundles/sample/v2/tokenizer.json`, { headers: as('editor') });
    expect(file.status).toBe(200);
    await file.arrayBuffer();
    expect((await admin(server, '/default', { model: 'sample@v1' })).models![0]).toEqual(['sample@v1', 'serving', true]);
    expect((await admin(server, '/unload', { model: 'sample@v2' })).models).toEqual([['sample@v1', 'serving', true], ['sample@v2', 'available', false]]); // biome-ignore format: one table
    expect((await ask(server, 'sample@v2', as('editor'))).status).toBe(404);
    expect((await ask(server, undefined, as('editor'))).status).toBe(200);
  });

  test('what cannot be is refused with a reason, and nothing has changed', async () => {
    const server = await start({ keys });
    await write('v2');
    await writeFile(join(bundles, 'sample', 'v2', 'onnx', 'model.onnx'), 'nonsense');
    expect(await admin(server, '/load', { model: 'sample@v2' })).toMatchObject({ status: 422, error: { code: 'model-refused' } });
    expect(await admin(server, '/load', { model: '../../secret' })).toMatchObject({ status: 404 });
    expect(await admin(server, '/unload', { model: 'sample@v1' })).toMatchObject({ status: 409, error: { code: 'model-in-use' } });
    expect(await admin(server, '/load', { folder: '/etc' })).toMatchObject({ status: 400 });
    expect((await ask(server, undefined, as('editor'))).status).toBe(200);
  });

  test('only for a key that may; without keys for nobody', async () => {
    const server = await start({ keys });
    expect((await admin(server, '', undefined, as('editor'))).status).toBe(403);
    expect((await admin(server, '', undefined, {})).status).toBe(401);
    expect((await admin(await start(), '', undefined, {})).status).toBe(403);
  });
});

test('new versions are taken up while requests come in, and none of these fails', async () => {
  const server = await start({ watchSeconds: 0.05 });
  const seen = new Set<unknown>();
  const statuses = new Map<number, number>();
  let stop = false;
  const readers = Array.from({ length: 4 }, async (_, reader) => {
    for (let i = 0; !stop; i++) {
      const { status, body } = await classify(server.url, { text: `text ${reader} ${i}` });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      seen.add(body.version);
    }
  });
  for (const version of ['v2', 'v3', 'v4']) {
    await write(version);
    await vi.waitFor(async () => expect(await versionOf(server)).toBe(version), 20_000);
    await rm(join(bundles, 'sample', `v${Number(version.slice(1)) - 1}`), { recursive: true });
  }
  await vi.waitFor(async () => expect((await ask(server, 'sample@v3')).status).toBe(404), 20_000);
  stop = true;
  await Promise.all(readers);
  expect([...statuses.keys()]).toEqual([200]);
  expect([...seen].sort()).toEqual(['v1', 'v2', 'v3', 'v4']);
}, 60_000);

test('a new version that answers otherwise than it says is not served; one that the policy does not fit neither', async () => {
  const policy = join(bundles, 'policy.json');
  await writeFile(policy, JSON.stringify({ name: 'strict', thresholds: { sample: { clickbait: { review: 0.4 } } } }));
  const server = await start({ watchSeconds: 0.05, policy });
  const parity = { fp32: { texts: 1, maxLogitDifference: 0, labelAgreement: 1, tolerance: 1e-4 } };
  await write('v2', { probes: { texts: ['The council voted.'], logits: { fp32: [[40, -40]] } }, manifest: { parity } });
  await write('v3', { manifest: { labels: ['bait', 'news'], policy: { labels: {} } } });
  const refused = async () =>
    /copydesk_model_changes_total\{event="refused"\} (\d+)/.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1];
  await vi.waitFor(async () => expect(await refused()).toBe('2'), 20_000);
  expect(await versionOf(server)).toBe('v1');
}, 30_000);

test('a shadow is asked along and only counted', async () => {
  await write('v2');
  const server = await start({ defaultModel: 'sample@v1', shadow: { model: 'sample@v2', share: 0.5 } });
  for (let i = 0; i < 10; i++) expect((await classify(server.url, { text: `text ${i}` })).body.version).toBe('v1');
  const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
  await vi.waitFor(async () => {
    const lines = [...(await metrics()).matchAll(/^copydesk_shadow_texts_total\{.*version="v1".*shadow="v2".*agrees="true".*\} (\d+)$/gm)];
    expect(lines.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(5);
  }, 10_000);
});
