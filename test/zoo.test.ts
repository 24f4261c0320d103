/** @file The bundles that ship: whole, and their files those that this version writes for their models. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainModel } from '../export/index.js';
import { applyPasses } from '../export/passes/passes.js';
import { findBundles, packageFolder, verifyBundle } from '../models/bundle/node.js';
import { fromOnnx, toOnnx } from '../models/index.js';

const bundles = await findBundles([join(packageFolder(), 'models', 'zoo')]);

test('there are three', () => {
  expect(bundles.map(({ manifest }) => manifest.name).sort()).toEqual(['comments-en', 'headlines-en', 'rumours-zh']);
});

test.each(bundles.map(({ manifest, folder }) => ({ name: manifest.name, folder })))(
  '$name: int8 and explain graph are what is written today',
  async ({ folder }) => {
    const { manifest, modelBytes, modelPath } = await verifyBundle(folder);
    const model = await modelBytes();
    const graph = fromOnnx(model);
    const explained = explainModel(manifest, model);
    expect('bytes' in explained && Buffer.from(explained.bytes).equals(await readFile(join(folder, manifest.explain!)))).toBe(true);
    const int8 = applyPasses(graph, 'int8', { weights: new Set() });
    expect(int8.changedBy).toEqual(manifest.passes?.int8);
    expect(Buffer.from(toOnnx(int8.graph, { name: manifest.name })).equals(await readFile(modelPath('int8')))).toBe(true);
    expect(manifest.parity.int8!.labelAgreement).toBeGreaterThanOrEqual(0.99);
    expect(manifest.personalise).toBeDefined();
  },
);
