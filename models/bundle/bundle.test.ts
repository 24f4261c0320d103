import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Manifest } from './manifest.js';
import { findBundles, readBundle, verifyBundle, writeBundle } from './node.js';

const manifest: Omit<Manifest, 'files'> = {
  format: 'copydesk-bundle',
  schemaVersion: 1,
  name: 'tiny',
  version: 'abc123',
  created: '2026-01-02T03:04:05.000Z',
  architecture: { kind: 'bert' },
  labels: ['clickbait', 'news'],
  activation: 'softmax',
  temperature: 1.5,
  policy: { labels: { clickbait: { review: 0.5, block: null } } },
  text: { maxTokens: 64, input: 'single', pairs: 'as-given' },
  models: { fp32: 'onnx/model.onnx' },
  parity: {},
  metrics: { val: { macroF1: 0.9, accuracy: 0.9 } },
  data: { fingerprint: { val: 'f00' }, examples: { val: 3 } },
};
const files = { 'onnx/model.onnx': Uint8Array.of(1, 2, 3, 4), 'tokenizer.json': '{}', 'README.md': '# tiny\n' };

const folders: string[] = [];
let home: string;
let bundle: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-bundle-'));
  folders.push(home);
  bundle = join(home, 'tiny', 'abc123');
  await writeBundle(bundle, files, manifest);
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

describe('a whole bundle', () => {
  test('is read back as it was written, and nothing temporary is left beside it', async () => {
    const { manifest: read, tokenizerJson, modelBytes, modelPath } = await verifyBundle(bundle);
    expect(read).toMatchObject(manifest);
    expect(read.files.map(({ path }) => path)).toEqual(Object.keys(files));
    expect(tokenizerJson).toBe('{}');
    expect([...(await modelBytes())]).toEqual([1, 2, 3, 4]);
    expect(modelPath()).toBe(join(bundle, 'onnx/model.onnx'));
    expect(() => modelPath('int8')).toThrow(/no int8 model, only fp32/);
    expect(await readdir(join(home, 'tiny'))).toEqual(['abc123']);
  });

  test('is found as itself, by its name, and by the folder of all models', async () => {
    for (const folder of [bundle, join(home, 'tiny'), home]) {
      expect((await findBundles([folder])).map(({ manifest: { name } }) => name)).toEqual(['tiny']);
    }
  });

  test('several are sorted by name, then from old to new', async () => {
    await writeBundle(join(home, 'tiny', 'older'), files, { ...manifest, version: 'older', created: '2025-01-01T00:00:00.000Z' });
    await writeBundle(join(home, 'another'), files, { ...manifest, name: 'another' });
    const found = await findBundles([home]);
    expect(found.map(({ manifest: { name, version } }) => `${name}@${version}`)).toEqual(['another@abc123', 'tiny@older', 'tiny@abc123']);
  });

  test('an empty or missing folder of models is an error, not silence', async () => {
    const empty = await mkdtemp(join(home, 'empty-'));
    await expect(findBundles([empty])).rejects.toMatchObject({ code: 'bundle/missing' });
    await expect(findBundles([join(home, 'nowhere')])).rejects.toThrow(/cannot be read \(ENOENT\)/);
  });
});

describe('verify refuses', () => {
  test('one flipped byte, in any file', async () => {
    for (const path of Object.keys(files)) {
      const bytes = await readFile(join(bundle, path));
      bytes[0]! ^= 1;
      await writeFile(join(bundle, path), bytes);
      await expect(verifyBundle(bundle)).rejects.toMatchObject({ code: 'bundle/hash', message: expect.stringContaining(path) });
      bytes[0]! ^= 1;
      await writeFile(join(bundle, path), bytes);
    }
    await verifyBundle(bundle);
  });

  test('a file that grew', async () => {
    await writeFile(join(bundle, 'tokenizer.json'), '{} ');
    await expect(readBundle(bundle)).rejects.toThrow(/tokenizer.json is 3 bytes long, not the 2 of its record/);
  });

  test('a missing file', async () => {
    await rm(join(bundle, 'README.md'));
    await expect(verifyBundle(bundle)).rejects.toMatchObject({ code: 'bundle/missing' });
  });

  test('a file that is not listed, but not one that begins with a dot', async () => {
    await writeFile(join(bundle, '.gitattributes'), '');
    await verifyBundle(bundle);
    await writeFile(join(bundle, 'onnx', 'model_quantized.onnx'), '');
    await expect(verifyBundle(bundle)).rejects.toThrow(/onnx\/model_quantized.onnx is not listed/);
  });

  test('a newer schema', async () => {
    await rewrite((m) => ({ ...m, schemaVersion: 2, something: 'new' }));
    await expect(verifyBundle(bundle)).rejects.toMatchObject({ code: 'bundle/newer' });
  });

  test.each(['/etc/passwd', '../other.txt', 'a/../../b', 'onnx\\model.onnx', 'C:/model.onnx', './tokenizer.json', 'a//b', ''])(
    'the path %j',
    async (path) => {
      await rewrite((m) => ({ ...m, files: [...m.files, { ...m.files[0]!, path }] }));
      await expect(verifyBundle(bundle)).rejects.toMatchObject({ code: path === '' ? 'bundle/invalid' : 'bundle/path' });
    },
  );

  test('a link that leads out of the folder, though its bytes are right', async () => {
    const outside = join(home, 'outside.json');
    await writeFile(outside, '{}');
    await rm(join(bundle, 'tokenizer.json'));
    await symlink(outside, join(bundle, 'tokenizer.json'));
    await expect(verifyBundle(bundle)).rejects.toMatchObject({ code: 'bundle/path' });
  });

  test.each([
    ['text that is not JSON', '{"format":', /it is not JSON/],
    ['JSON that is not an object', '[]', /not a JSON object/],
    ['another object', '{"format":"something"}', /format/],
  ])('%s in place of the manifest', async (_what, text, message) => {
    await writeFile(join(bundle, 'copydesk.json'), text);
    await expect(verifyBundle(bundle)).rejects.toThrow(message);
  });

  test.each<[string, Partial<Manifest>, RegExp]>([
    ['a policy for a label that does not exist', { policy: { labels: { spam: { review: 0.5, block: null } } } }, /policy names "spam"/],
    ['a policy for the values of a regression', { activation: 'none' }, /it has policy with the activation none/],
    ['thresholds where only one label can be given', { thresholds: { news: 0.4 } }, /it has thresholds with the activation softmax/],
    ['a threshold for a label that does not exist', { activation: 'sigmoid', thresholds: { spam: 0.4 } }, /thresholds names "spam"/],
    ['a label listed twice', { labels: ['news', 'news'], policy: { labels: {} } }, /"news" is listed twice/],
    [
      'a step of personalising that is not among the files',
      { personalise: { features: 'onnx/model.onnx', step: 'onnx/step.onnx', parameters: 3 } },
      /personalise\.step is onnx\/step\.onnx, which is not among its files/,
    ],
    ['a model that is not among the files', { models: { fp32: 'onnx/other.onnx' } }, /onnx\/other.onnx, which is not among its files/],
  ])('%s', async (_what, change, message) => {
    await rewrite((m) => ({ ...m, ...change }));
    await expect(verifyBundle(bundle)).rejects.toThrow(message);
  });

  test('a folder that is no bundle', async () => {
    await expect(readBundle(home)).rejects.toThrow(/it has no copydesk.json/);
  });
});

describe('writing over', () => {
  test('the same contents again changes nothing', async () => {
    const before = await readFile(join(bundle, 'copydesk.json'), 'utf8');
    await writeBundle(bundle, files, { ...manifest, created: '2027-01-01T00:00:00.000Z' });
    expect(await readFile(join(bundle, 'copydesk.json'), 'utf8')).toBe(before);
  });

  test('a different bundle is refused, and replaced when told', async () => {
    const changed = { ...manifest, temperature: 2 };
    await expect(writeBundle(bundle, files, changed)).rejects.toThrow(/another bundle stands here/);
    expect((await readBundle(bundle)).manifest.temperature).toBe(1.5);
    await writeBundle(bundle, files, changed, { overwrite: true });
    expect((await readBundle(bundle)).manifest.temperature).toBe(2);
    expect(await readdir(join(home, 'tiny'))).toEqual(['abc123']);
  });

  test('a folder that is no bundle is never replaced', async () => {
    await expect(writeBundle(join(home, 'tiny'), files, manifest, { overwrite: true })).rejects.toThrow(/not a bundle/);
    expect(await readdir(join(home, 'tiny'))).toEqual(['abc123']);
  });

  test('a path that leaves the bundle is not written', async () => {
    await expect(writeBundle(join(home, 'evil'), { ...files, '../x': '' }, manifest)).rejects.toMatchObject({ code: 'bundle/path' });
    expect(await readdir(home)).toEqual(['tiny']);
  });
});

async function rewrite(change: (manifest: Manifest) => unknown): Promise<void> {
  const path = join(bundle, 'copydesk.json');
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as Manifest)));
}
