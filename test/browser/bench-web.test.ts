/** @file `npm run bench:web` runs to its end. What it measures is for a quiet machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { measureWeb } from '../../serving/bench/measure-web.js';
import { inBrowser, noBrowser } from '../../serving/testing/page.js';
import { writeSampleBundle } from '../../serving/testing/sample-bundle.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe.skipIf(noBrowser)(inBrowser('bench:web'), () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'copydesk-bench-web-'));
    await writeSampleBundle({ to: home });
  });
  afterAll(() => rm(home, { recursive: true }));

  test('a rate, a first verdict and a weight by wasm; by WebGPU too, or why not', async () => {
    const rows = await measureWeb({ bundles: [home], root, rounds: 1, threads: 1, gpu: 'own' });
    const [wasm, webgpu] = ['wasm', 'webgpu'].map((name) =>
      rows.find(({ provider, precision }) => provider === name && precision === 'fp32'),
    );
    const figures = { textsPerSecond: expect.any(Number), coldMs: expect.any(Number), warmMs: expect.any(Number) };
    expect(wasm).toMatchObject({ threads: 1, figures, weight: { all: { brotli: expect.any(Number) } } });
    expect([figures, 'only a software adapter (--gpu software measures it)', 'webgpu is not to be had here']).toContainEqual(
      webgpu!.figures,
    );
  }, 240_000);
});
