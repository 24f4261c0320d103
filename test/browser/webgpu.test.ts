/** @file WebGPU by `copydesk/web`: the path, not its speed. Chromium's own software adapter stands for a GPU, so `auto` finds the processor faster. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPackage, inBrowser, noBrowser, openBrowser } from '../../serving/testing/page.js';
import { writeSampleBundle } from '../../serving/testing/sample-bundle.js';
import { type StaticServer, startStatic, strictPolicy } from '../../serving/testing/static-server.js';

describe.skipIf(noBrowser)(inBrowser('WebGPU'), () => {
  let folder: string;
  let bundles: string;
  let server: StaticServer;
  let browser: Browser;
  let page: Page;
  let adapter: boolean;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copydesk-gpu-'));
    await buildPackage(folder);
    bundles = await writeSampleBundle();
    server = await startStatic({
      folders: { '/copydesk/': folder, '/model/': join(bundles, 'sample/v1/') },
      pages: { '/': '<!doctype html><html lang="en"><title>a page</title></html>' },
      headers: { 'content-security-policy': strictPolicy },
    });
    browser = await openBrowser('software');
    page = await (await browser.newContext()).newPage();
    await page.goto(server.url);
    adapter = await page.evaluate(
      'navigator.gpu ? navigator.gpu.requestAdapter().then((one) => one !== null && "Suspending" in WebAssembly) : false',
    );
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const made of [folder, bundles]) await rm(made, { recursive: true });
  });

  const use = <T>(options: string, what: string): Promise<T> =>
    page.evaluate(`import('/copydesk/web.js').then(async ({ createClassifier }) => {
      const desk = createClassifier({ bundle: '/model', ${options} });
      try { return await (${what})(desk); } finally { desk.dispose(); }
    })`);
  const scores = '(desk) => desk.classify(["The council voted", "You will never guess"]).then((all) => all.map(({ score }) => score))';

  test('asked for: it runs there and gives what the processor gives', async ({ skip }) => {
    if (!adapter) skip('this Chromium has no software adapter');
    expect(await use("prefer: 'webgpu'", '(desk) => desk.ready().then(({ runs }) => runs)')).toMatchObject({
      provider: 'webgpu',
      precision: 'fp32',
    });
    const [there, here] = [await use<number[]>("prefer: 'webgpu'", scores), await use<number[]>("prefer: 'wasm'", scores)];
    expect(there).toHaveLength(2);
    for (const [i, score] of there.entries()) expect(score).toBeCloseTo(here[i]!, 4);
  });

  test('auto: the first answer is the processor’s; then both are measured, once, and the slower worker is ended', async ({ skip }) => {
    if (!adapter) skip('this Chromium has no software adapter');
    const measure = '(desk) => desk.classify("a").then(() => desk.measured())';
    server.asked.length = 0;
    const first = await use<{ chosen: string; for: string; wasm: object; webgpu: object }>('', measure);
    expect(first).toMatchObject({ chosen: 'wasm', wasm: { one: expect.any(Number) }, webgpu: { one: expect.any(Number) } });
    expect(first.for).toMatch(/^sample@v1 /);
    expect(server.asked.filter((path) => path.includes('webgpu'))).toHaveLength(1);
    await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0);
    server.asked.length = 0;
    expect(await use('', measure)).toEqual(first);
    expect(server.asked.filter((path) => path.includes('webgpu'))).toEqual([]);
  });

  test('auto, where the GPU was found faster: it is used from the start', async ({ skip }) => {
    if (!adapter) skip('this Chromium has no software adapter');
    await page.evaluate(`caches.open('copydesk').then((cache) => cache.put(location.origin + '/model/?measured',
      new Response(JSON.stringify({ chosen: 'webgpu', for: 'sample@v1 ' + navigator.userAgent, wasm: {} }))))`);
    expect(await use('', '(desk) => desk.ready().then(({ runs }) => runs.provider)')).toBe('webgpu');
  });

  test('without a GPU: the processor answers, and says why', async () => {
    const plain = await openBrowser();
    const other = await plain.newPage();
    await other.goto(server.url);
    const runs = await other.evaluate("import('/copydesk/web.js').then(({ createClassifier }) => createClassifier({ bundle: '/model', prefer: 'webgpu' }).ready()).then(({ runs }) => runs)"); // biome-ignore format: one line
    expect(runs).toMatchObject({ provider: 'wasm', fallbacks: [expect.stringMatching(/^webgpu: /)] });
    await plain.close();
  });
});
