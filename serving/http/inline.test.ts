import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { classify } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import type { ServerOptions } from './options.js';
import { type RunningServer, startServer } from './start-server.js';

let bundles: string;
let server: RunningServer;
beforeEach(async () => {
  bundles = await writeSampleBundle({ manifest: { created: '2026-01-01T00:00:01Z' } });
});
afterEach(async () => {
  await server.close();
  await rm(bundles, { recursive: true });
});

/** Nothing here may depend on how fast the machine is: so long no text takes. */
const start = async (options: Partial<ServerOptions> = {}): Promise<void> => {
  server = await startServer({
    models: [bundles],
    port: 0,
    workers: 2,
    inlineMs: 60_000,
    page: '/nowhere',
    logLevel: 'silent',
    ...options,
  });
};
const ask = async (text: string) => (await classify(server.url, { text })).body as { version: string; scores: Record<string, number> };
/** Batches that the thread that listens has computed, of all versions. */
const inline = async (): Promise<number> => {
  const lines = [...(await (await fetch(`${server.url}/metrics`)).text()).matchAll(/^copydesk_inline_batches_total\{.*\} (\d+)$/gm)];
  return lines.reduce((sum, [, count]) => sum + Number(count), 0);
};
const untilInline = (more: number) =>
  vi.waitFor(
    async () => {
      await ask('one after another');
      expect(await inline()).toBeGreaterThan(more);
    },
    { timeout: 20_000, interval: 1 },
  );

test('whoever asks alone is answered by the thread that listens, with the scores that workers give', async () => {
  await start();
  const texts = Array.from({ length: 5 }, (_, i) => `the council voted ${'on tuesday '.repeat(i)}`);
  const byWorkers = [];
  for (const text of texts) byWorkers.push((await ask(text)).scores);
  expect(await inline()).toBe(0);
  await untilInline(0);
  const before = await inline();
  for (const [i, text] of texts.entries()) {
    const { scores } = await ask(text);
    for (const [label, score] of Object.entries(byWorkers[i]!)) expect(Math.abs(scores[label]! - score)).toBeLessThan(1e-6);
  }
  expect(await inline()).toBe(before + texts.length);
});

test('as soon as two ask at once, workers answer again', async () => {
  await start();
  await untilInline(0);
  // Until it was quick enough for the next one to come within the time that counts.
  await vi.waitFor(async () => {
    await Promise.all(Array.from({ length: 8 }, (_, i) => ask(`beside others ${i}`)));
    const before = await inline();
    await ask('soon after');
    expect(await inline()).toBe(before);
  }, 20_000);
});

test('a new version takes the place of one that was opened there', async () => {
  await start({ watchSeconds: 0.05 });
  await untilInline(0);
  await writeSampleBundle({ to: bundles, version: 'v2', manifest: { created: '2026-01-01T00:00:02Z' } });
  await vi.waitFor(async () => expect((await ask('which version')).version).toBe('v2'), 20_000);
  await rm(join(bundles, 'sample', 'v1'), { recursive: true });
  await vi.waitFor(async () => expect((await classify(server.url, { text: 'gone', model: 'sample@v1' })).status).toBe(404), 20_000);
  await untilInline(await inline());
  expect((await ask('and now')).version).toBe('v2');
});

test('a model that cannot be opened a second time stays with workers', async () => {
  await start();
  await writeFile(join(bundles, 'sample', 'v1', 'onnx', 'model.onnx'), 'damaged after it was loaded');
  for (let i = 0; i < 30; i++) expect((await ask('one after another')).version).toBe('v1');
  expect(await inline()).toBe(0);
});

test('never with `inlineMs: 0`', async () => {
  await start({ inlineMs: 0 });
  for (let i = 0; i < 30; i++) await ask('one after another');
  expect(await inline()).toBe(0);
});
