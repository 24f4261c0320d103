import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type SampleOptions, writeSampleBundle } from '../testing/sample-bundle.js';
import { type Job, WorkerPool } from '../workers/index.js';
import { loadCatalogue } from './catalogue.js';
import { createRegistry, type RegistryDeps, type RegistryEvent } from './registry.js';

let home: string;
let pool: WorkerPool;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-registry-'));
});
afterEach(async () => {
  await pool.close();
  await rm(home, { recursive: true });
});

const write = (version: string, options: SampleOptions = {}) =>
  writeSampleBundle({
    to: home,
    version,
    ...options,
    manifest: { created: `2026-01-0${version.slice(-1)}T00:00:00Z`, ...options.manifest },
  });

async function open(more: Partial<RegistryDeps> = {}, preferred?: string) {
  const catalogue = await loadCatalogue([home], preferred);
  const events: RegistryEvent[] = [];
  pool = new WorkerPool({ size: 1, threads: 1, models: catalogue.models.map(({ key, modelPath }) => ({ key, path: modelPath })) });
  await pool.ready;
  const registry = createRegistry({ catalogue, pool, folders: [home], most: 3, on: (event) => events.push(event), ...more });
  return { registry, catalogue, events };
}

const job = (model: string): Job => ({
  model,
  batch: 1,
  tokens: 2,
  ids: BigInt64Array.of(2n, 3n),
  mask: BigInt64Array.of(1n, 1n),
  types: new BigInt64Array(2),
});
const keys = (catalogue: { models: readonly { key: string }[] }) => catalogue.models.map(({ key }) => key);

test('a new version is followed: loaded, then what its name stands for; the old one can still be asked by version', async () => {
  await write('v1');
  const { registry, catalogue, events } = await open();
  await write('v2');
  await registry.follow();
  expect(keys(catalogue)).toEqual(['sample@v1', 'sample@v2']);
  expect([catalogue.fallback.key, catalogue.find('sample').key, catalogue.find('sample@v1').key]).toEqual([
    'sample@v2',
    'sample@v2',
    'sample@v1',
  ]);
  expect((await pool.run(job('sample@v2'))).logits).toHaveLength(2);
  expect(events).toMatchObject([{ kind: 'loaded', model: 'sample@v2' }]);
  expect((await registry.list()).map(({ key, state, default: one }) => [key, state, one])).toEqual([
    ['sample@v1', 'serving', false],
    ['sample@v2', 'serving', true],
  ]);
});

test.each<[string, (folder: string) => Promise<void>, RegExp]>([
  ['whose file was damaged', (folder) => writeFile(join(folder, 'onnx', 'model.onnx'), 'nonsense'), /onnx\/model\.onnx/],
  ['whose manifest is no manifest', (folder) => writeFile(join(folder, 'copydesk.json'), '{}'), /copydesk\.json/],
])('a version %s is refused, told once, and tried again when it was written anew', async (_what, harm, reason) => {
  await write('v1');
  const { registry, catalogue, events } = await open();
  await write('v2');
  await harm(join(home, 'sample', 'v2'));
  await registry.follow();
  await registry.follow();
  expect(events).toMatchObject([{ kind: 'refused', reason: expect.stringMatching(reason) }]);
  expect(keys(catalogue)).toEqual(['sample@v1']);
  expect((await registry.list())[1]).toMatchObject({ state: 'refused', reason: expect.stringMatching(reason) });
  await rm(join(home, 'sample', 'v2'), { recursive: true });
  await write('v2');
  await registry.follow();
  expect(keys(catalogue)).toEqual(['sample@v1', 'sample@v2']);
});

test('a version that does not answer as it did is refused, and no worker keeps it', async () => {
  await write('v1');
  const { registry, catalogue } = await open();
  const parity = { fp32: { texts: 1, maxLogitDifference: 0, labelAgreement: 1, tolerance: 1e-4 } };
  await write('v2', { probes: { texts: ['The council voted.'], logits: { fp32: [[40, -40]] } }, manifest: { parity } });
  await expect(registry.load('sample@v2')).rejects.toMatchObject({
    code: 'model-refused',
    message: expect.stringMatching(/answers its recorded texts otherwise/),
  });
  expect(keys(catalogue)).toEqual(['sample@v1']);
  await expect(pool.run(job('sample@v2'))).rejects.toThrow(/no model sample@v2/);
  expect((await pool.run(job('sample@v1'))).logits).toHaveLength(2);
});

test('a model that is asked is let go only when it has answered', async () => {
  for (const version of ['v1', 'v2']) await write(version);
  const { registry, catalogue, events } = await open();
  const asked = [registry.use(catalogue.find('sample@v1')), registry.use(catalogue.find('sample@v1'))];
  const model = catalogue.find('sample@v1');
  const gone = registry.unload('sample@v1');
  await vi.waitFor(() => expect(keys(catalogue)).toEqual(['sample@v2']));
  expect(() => registry.use(model)).toThrow(/no model "sample@v1"/);
  asked[0]!();
  asked[0]!(); // said twice, counts once
  expect((await pool.run(job('sample@v1'))).logits).toHaveLength(2);
  expect(events).toEqual([]);
  asked[1]!();
  await gone;
  await expect(pool.run(job('sample@v1'))).rejects.toThrow(/no model sample@v1/);
  expect(events).toEqual([{ kind: 'unloaded', model: 'sample@v1' }]);
});

test('the default model stays until another stands in for it', async () => {
  await write('v1');
  await write('v1', { name: 'other' });
  const { registry, catalogue, events } = await open({}, 'sample');
  await expect(registry.unload('sample@v1')).rejects.toMatchObject({ code: 'model-in-use' });
  registry.prefer('other');
  await registry.unload('sample@v1');
  expect([catalogue.fallback.key, events.map(({ kind }) => kind)]).toEqual(['other@v1', ['default', 'unloaded']]);
  expect(() => registry.prefer('sample')).toThrow(/no model "sample"/);
});

test('a folder that goes takes its model along, but not the last of the default', async () => {
  for (const version of ['v1', 'v2']) await write(version);
  const { registry, catalogue } = await open();
  await rename(join(home, 'sample', 'v2'), join(home, '.away'));
  await registry.follow();
  expect([keys(catalogue), catalogue.fallback.key]).toEqual([['sample@v1'], 'sample@v1']);
  await rm(join(home, 'sample'), { recursive: true });
  await registry.follow();
  expect(keys(catalogue)).toEqual(['sample@v1']);
});

test('no more models than may be loaded; none from elsewhere; several who ask for one load it once', async () => {
  await write('v1');
  const { registry, catalogue, events } = await open({ most: 2 });
  for (const version of ['v2', 'v3']) await write(version);
  await Promise.all([registry.load('sample@v2'), registry.load('sample@v2'), registry.load('sample@v2')]);
  expect(events).toMatchObject([{ kind: 'loaded', model: 'sample@v2' }]);
  await expect(registry.load('sample@v3')).rejects.toThrow(/2 models are loaded already/);
  await expect(registry.load('../../etc')).rejects.toMatchObject({ code: 'unknown-model' });
  expect(keys(catalogue)).toEqual(['sample@v1', 'sample@v2']);
});
