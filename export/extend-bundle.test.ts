import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundle, readBundle, verifyBundle } from '../models/bundle/node.js';
import { readRun } from '../models/run/node.js';
import { tinyTexts, writeTinyRun } from '../test/tiny-run.js';
import { type ExtendOptions, exportBundle, extendBundle } from './index.js';

let home: string;
let plain: Bundle;
let direct: Bundle;
let labelled: ExtendOptions['labelled'];
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-extend-'));
  await writeTinyRun(join(home, 'run'));
  plain = await exportBundle({ run: join(home, 'run'), to: join(home, 'plain') });
  direct = await exportBundle({ run: join(home, 'run'), to: join(home, 'direct'), precision: ['fp32', 'int8', 'fp16'] });
  const predictions = await (await readRun(join(home, 'run'))).predictions();
  labelled = { examples: tinyTexts.map((text, line) => ({ text, line })), targets: predictions.map(({ target }) => target) };
});
afterAll(() => rm(home, { recursive: true }));

test('a bundle gets the files that its run would have given it, and stays the same version', async () => {
  const { folder, manifest } = await extendBundle({ bundle: plain, labelled, to: join(home, 'more'), precision: ['int8', 'fp16'] });
  await verifyBundle(folder);
  const bytes = async (bundle: string, path: string) => (await readFile(join(bundle, path))).toString('base64');
  for (const { path } of direct.manifest.files.filter((file) => file.path.endsWith('.onnx')))
    expect(await bytes(folder, path), path).toBe(await bytes(direct.folder, path));
  const { files: _files, parity, ...rest } = manifest;
  expect(rest).toEqual({ ...direct.manifest, files: undefined, parity: undefined });
  expect(parity.fp32, 'how it compares with the run is not forgotten').toEqual(direct.manifest.parity.fp32);
  expect(parity.int8).toMatchObject({ texts: tinyTexts.length, labelAgreement: 1 });
});

test('a version that was given is kept, and files that are not asked for are not carried along', async () => {
  const path = join(plain.folder, 'copydesk.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, JSON.stringify({ ...JSON.parse(text), version: 'spring' }));
  const bundle = await readBundle(plain.folder);
  await writeFile(path, text);
  const { folder, manifest } = await extendBundle({ bundle, labelled, to: join(home, 'named'), precision: ['fp16'] });
  expect([folder, manifest.version]).toEqual([join(home, 'named', 'tiny', 'spring'), 'spring']);
  const less = await extendBundle({ bundle: await readBundle(folder), labelled, to: join(home, 'less') });
  expect(less.manifest.models).toEqual({ fp32: 'onnx/model.onnx' });
});

test('what its passes did to the fp32 file stays on record', async () => {
  const bundle = { ...plain, manifest: { ...plain.manifest, passes: { fp32: ['fold-constants'] } } };
  const { manifest } = await extendBundle({ bundle, labelled, to: join(home, 'passes'), precision: ['fp16'] });
  expect(manifest.passes?.fp32).toEqual(['fold-constants']);
  expect(manifest.passes?.fp16).toEqual(['fold-constants', ...direct.manifest.passes!.fp16!]);
});

test('a place that another bundle of the version has is not written over unasked', async () => {
  await expect(extendBundle({ bundle: plain, labelled, to: join(home, 'plain'), precision: ['fp16'] })).rejects.toMatchObject({ code: 'export/failed' }); // biome-ignore format: one thought
  expect((await readBundle(plain.folder)).manifest).toEqual(plain.manifest);
});
