/** @file `copydesk/web` as pages get it: built, served by a plain static host, in a real browser. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseManifest } from '../../models/index.js';
import { buildPackage, closePage, inBrowser, noBrowser, openBrowser } from '../../serving/testing/page.js';
import { writeSampleBundle } from '../../serving/testing/sample-bundle.js';
import { isolated, type StaticServer, startStatic, strictPolicy } from '../../serving/testing/static-server.js';

const text = 'You will never guess what this baker hid in her oldest oven';

describe.skipIf(noBrowser)(inBrowser('copydesk/web'), () => {
  let folder: string;
  let bundles: string;
  let server: StaticServer;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copydesk-web-'));
    await buildPackage(folder);
    bundles = await writeSampleBundle();
    await writeSampleBundle({ to: bundles, version: 'v2', architecture: { width: 64 } });
    server = await startStatic({
      folders: { '/copydesk/': folder, '/models/': join(bundles, 'sample/') },
      pages: { '/': '<!doctype html><html lang="en"><title>a page</title><body></body></html>' },
    });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const made of [folder, bundles]) await rm(made, { recursive: true });
  });
  beforeEach(() => {
    server.headers = { 'content-security-policy': strictPolicy };
    server.slow = undefined;
    server.cut = undefined;
    server.asked.length = 0;
  });

  /** A page of a browser that holds nothing; the package is `copydesk` in it, and its classifier `desk`. */
  async function open(options = '{}', given?: Page): Promise<Page> {
    const page = given ?? (await (await browser.newContext()).newPage());
    await page.goto(server.url);
    await page.evaluate(`import('/copydesk/web.js').then((copydesk) => {
      window.copydesk = copydesk;
      window.told = [];
      window.desk = copydesk.createClassifier({ bundle: '/models/v1', onProgress: (one) => told.push(one), ...${options} });
    })`);
    return page;
  }
  const ask = <T>(page: Page, expression: string): Promise<T> => page.evaluate(expression);
  const close = closePage;
  const fetched = (): string[] => server.asked.filter((path) => path.startsWith('/models/'));
  const rejection = (page: Page, expression: string): Promise<{ name: string; code?: string; message: string; fix?: string }> =>
    ask(
      page,
      `${expression}.then(() => { throw new Error('it was answered'); }, ({ name, code, message, fix }) => ({ name, code, message, fix }))`,
    );

  test('one text, several, and a second load from what the device holds: the same answers, and only the manifest is asked for', async () => {
    const page = await open();
    const one = await ask<{ label: string; scores: Record<string, number> }>(page, `desk.classify(${JSON.stringify(text)})`);
    expect(Object.keys(one.scores).sort()).toEqual(['clickbait', 'news']);
    const many = await ask<(typeof one)[]>(page, `desk.classify([${JSON.stringify(text)}, 'Rail services resume'])`);
    expect(many).toHaveLength(2);
    expect(many[0]!.scores.news).toBeCloseTo(one.scores.news!, 5);
    expect(await ask(page, 'desk.classify([])')).toEqual([]);
    expect(fetched().sort()).toEqual(['/models/v1/copydesk.json', '/models/v1/onnx/model.onnx', '/models/v1/tokenizer.json']);
    server.asked.length = 0;
    await open('{}', page);
    expect(await ask(page, `desk.classify(${JSON.stringify(text)})`)).toEqual(one);
    expect(fetched()).toEqual(['/models/v1/copydesk.json']);
    expect(await ask(page, 'told.filter(({ phase }) => phase === "download")')).toEqual([]);
    await close(page);
  });

  test('without isolation one thread, with it several; both give the same', async () => {
    const scores: unknown[] = [];
    for (const [headers, threads] of [
      [{}, 1],
      [isolated, 2],
    ] as const) {
      server.headers = { ...server.headers, ...headers };
      const page = await open('{ threads: 2 }');
      expect(await ask(page, 'crossOriginIsolated')).toBe(threads > 1);
      const { runs } = await ask<{ runs: { threads: number; provider: string } }>(page, 'desk.ready()');
      expect(runs).toMatchObject({ where: 'browser', provider: 'wasm', precision: 'fp32', threads, offline: false });
      scores.push(await ask(page, `desk.classify(${JSON.stringify(text)}).then(({ score }) => Math.fround(score).toFixed(5))`));
      await close(page);
    }
    expect(scores[0]).toBe(scores[1]);
  });

  test('a file that was altered on the device is fetched again, and the answer is right', async () => {
    const page = await open();
    const right = await ask(page, `desk.classify(${JSON.stringify(text)})`);
    await ask(
      page,
      `(async () => {
        const cache = await caches.open('copydesk');
        for (const request of await cache.keys()) {
          if (!request.url.includes('model.onnx')) continue;
          const bytes = new Uint8Array(await (await cache.match(request)).arrayBuffer());
          bytes[bytes.length - 9] ^= 1;
          await cache.put(request, new Response(bytes));
        }
      })()`,
    );
    server.asked.length = 0;
    await open('{}', page);
    expect(await ask(page, `desk.classify(${JSON.stringify(text)})`)).toEqual(right);
    expect(fetched()).toEqual(['/models/v1/copydesk.json', '/models/v1/onnx/model.onnx']);
    server.asked.length = 0;
    await open('{}', page);
    await ask(page, 'desk.ready()');
    expect(fetched()).toEqual(['/models/v1/copydesk.json']);
    await close(page);
  });

  test('a file that arrives damaged is refused by its hash, and never kept', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.route('**/onnx/model.onnx', async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      body[body.length - 9]! ^= 1;
      await route.fulfill({ response, body });
    });
    await open('{}', page);
    expect(await rejection(page, "desk.classify('a')")).toMatchObject({
      name: 'CopydeskError',
      code: 'bundle/hash',
      message: /model\.onnx is damaged/,
    });
    expect(await ask(page, "caches.open('copydesk').then((cache) => cache.keys()).then((keys) => keys.filter(({ url }) => url.includes('model.onnx')).length)")).toBe(0); // biome-ignore format: one line
    await page.unroute('**/onnx/model.onnx');
    expect(await ask(page, "desk.classify('a')")).toHaveProperty('decision'); // the next call tries again
    await close(page);
  });

  test('a network that is cut is asked for the rest, and progress grows to the whole', async () => {
    server.cut = { path: /model\.onnx$/, after: 10_000, times: 2 };
    const page = await open();
    expect(await ask(page, "desk.classify('a')")).toHaveProperty('decision');
    expect(fetched().filter((path) => path.endsWith('.onnx'))).toHaveLength(3);
    const told = await ask<{ phase: string; received: number; total: number }[]>(page, 'told');
    const received = told.filter(({ phase }) => phase === 'download').map((one) => one.received);
    expect(received).toEqual([...received].sort((a, b) => a - b)); // it goes on where it was cut
    const files = parseManifest(await readFile(join(bundles, 'sample/v1/copydesk.json'), 'utf8'), 'test').files;
    const sum = files.filter(({ path }) => /tokenizer\.json|model\.onnx/.test(path)).reduce((all, { bytes }) => all + bytes, 0);
    const last = told.findLast(({ phase }) => phase === 'download');
    expect(last).toEqual({ phase: 'download', received: sum, total: sum });
    expect(told.at(-1)).toEqual({ phase: 'ready' });
    await close(page);
  });

  test('a slow network: a call with little time is told so, and one that waits is answered', async () => {
    server.slow = { path: /\.onnx$/, pace: 200_000 };
    const page = await open();
    expect(await rejection(page, "desk.classify('a', { timeout: 50 })")).toMatchObject({
      name: 'CopydeskError',
      code: 'deadline-exceeded',
    });
    expect(await ask(page, "desk.classify('a')")).toHaveProperty('decision');
    expect(await ask<number>(page, "told.filter(({ phase }) => phase === 'download').length")).toBeGreaterThan(3);
    await close(page);
  });

  test('a host that stops: what the device holds answers, and says so; without it, the call says what to do', async () => {
    const page = await open();
    const right = await ask(page, `desk.classify(${JSON.stringify(text)})`);
    await page.route('**/models/**', (route) => route.abort());
    await ask(page, "desk.dispose(), window.desk = copydesk.createClassifier({ bundle: '/models/v1' }), 0");
    expect(await ask(page, `desk.classify(${JSON.stringify(text)})`)).toEqual(right);
    expect(await ask(page, 'desk.ready().then(({ runs }) => runs.offline)')).toBe(true);
    const lost = await rejection(page, "copydesk.createClassifier({ bundle: '/models/v2' }).ready({ timeout: 20_000 })");
    expect(lost).toMatchObject({ code: 'unreachable', fix: /check the network/ });
    await close(page);
  });

  test('a new version at the same address replaces the old one; one that does not arrive leaves it', async () => {
    const page = await (await browser.newContext()).newPage();
    let version = 'v1';
    let broken = false;
    await page.route('**/latest/**', async (route) => {
      if (broken && route.request().url().endsWith('.onnx')) return route.abort();
      return route.fulfill({ response: await route.fetch({ url: route.request().url().replace('/latest/', `/models/${version}/`) }) });
    });
    const held = (): Promise<string[]> =>
      ask(page, "caches.open('copydesk').then((cache) => cache.keys()).then((keys) => keys.map(({ url }) => url))");
    await open("{ bundle: '/latest' }", page);
    expect(await ask(page, "desk.classify('a')")).toMatchObject({ version: 'v1' });
    const before = await held();
    [version, broken] = ['v2', true];
    await open("{ bundle: '/latest' }", page);
    expect(await ask(page, "desk.classify('a')")).toMatchObject({ version: 'v1' });
    broken = false;
    await open("{ bundle: '/latest' }", page);
    expect(await ask(page, "desk.classify('a')")).toMatchObject({ version: 'v2' });
    const after = await held();
    expect(after).toHaveLength(before.length);
    expect(after).not.toEqual(before);
    await ask(page, "copydesk.forgetBundles({ keep: ['/models/v1'] })");
    expect(await held()).toEqual([]);
    await close(page);
  }, 90_000);

  test('a worker that crashes or ends without a word: the call says so, and the next one is answered', async () => {
    const page = await open();
    const right = await ask(page, `desk.classify(${JSON.stringify(text)})`);
    for (const [end, message] of [
      ["setTimeout(() => { throw new Error('out of luck'); })", /out of luck/],
      ['self.close()', /ended by itself/],
    ] as const) {
      // The call is under way when the worker goes: explaining takes many runs.
      const [lost] = await Promise.all([
        rejection(page, `desk.classify(${JSON.stringify(Array(400).fill(text))}, { explain: true })`),
        page.workers()[0]!.evaluate(end),
      ]);
      expect(lost).toMatchObject({ name: 'CopydeskError', code: 'worker-ended', message, fix: /ask again/ });
      expect(await ask(page, `desk.classify(${JSON.stringify(text)})`)).toEqual(right);
      expect(page.workers()).toHaveLength(1);
    }
    await close(page);
  });

  test('a call that is given up is rejected with its own reason, and the others are answered', async () => {
    const page = await open();
    const given = await ask(
      page,
      `(async () => {
        const stop = new AbortController();
        const up = desk.classify(Array(200).fill('a'), { signal: stop.signal }).catch((error) => error.message);
        const other = desk.classify('b');
        stop.abort(new Error('enough'));
        return [await up, (await other).decision, await desk.classify('c', { signal: AbortSignal.abort(new Error('too late')) }).catch((error) => error.message)];
      })()`,
    );
    expect(given).toEqual(['enough', expect.stringMatching(/publish|review|block/), 'too late']);
    await close(page);
  });

  test('a text that the model does not take is refused alone, and the label to explain must be one of its own', async () => {
    const page = await open();
    const both = await ask(page, "Promise.allSettled([desk.classify('a'), desk.classify({ text: 'a', pair: 'b' })]).then((all) => all.map(({ value, reason }) => value?.model ?? reason.code))"); // biome-ignore format: one line
    expect(both).toEqual(['sample', 'data/invalid']);
    expect(await rejection(page, "desk.classify('a', { explain: { label: 'sport' } })")).toMatchObject({ code: 'unknown-label' });
    const { explanation } = await ask<{ explanation: { label: string } }>(page, "desk.classify('a b c', { explain: { label: 'news' } })");
    expect(explanation.label).toBe('news');
    await close(page);
  });

  test('dispose frees the worker and its threads, and every call after it is rejected', async () => {
    server.headers = { ...server.headers, ...isolated };
    const page = await open('{ threads: 2 }');
    await ask(page, "desk.classify('a')");
    expect(page.workers().length).toBeGreaterThanOrEqual(1);
    const [lost] = await Promise.all([
      rejection(page, "desk.classify(Array(400).fill('a b c'), { explain: true })"),
      ask(page, 'new Promise((resolve) => setTimeout(() => resolve(desk.dispose()), 50))'),
    ]);
    expect(lost).toMatchObject({ name: 'CopydeskError', code: 'disposed' });
    await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0);
    for (const call of ["desk.classify('a')", 'desk.ready()']) expect(await rejection(page, call)).toMatchObject({ code: 'disposed' });
    await close(page);
  });

  test('what is wrong is said: no bundle there, no such precision, no worker', async () => {
    const page = await open("{ bundle: '/nothing' }");
    expect(await rejection(page, 'desk.ready()')).toMatchObject({ code: 'bundle/missing', fix: /folder that holds copydesk\.json/ });
    await open("{ precision: 'fp16' }", page);
    expect(await rejection(page, 'desk.ready()')).toMatchObject({ code: 'bundle/missing', fix: 'use one of fp32, or auto' });
    await open("{ assets: '/elsewhere' }", page);
    expect(await rejection(page, 'desk.ready()')).toMatchObject({ code: 'worker-ended', fix: /assets/ });
    await close(page);
  });

  test('the package reaches for nothing that a strict page forbids', async () => {
    const scripts = (await readdir(folder)).filter((name) => name.endsWith('.js'));
    expect(scripts.sort()).toEqual(['client.js', 'element.js', 'web.js', 'worker-webgpu.js', 'worker.js']);
    const page = await (await browser.newContext()).newPage();
    const told: string[] = [];
    page.on('console', (message) => message.text() !== 'No available adapters.' && told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    await open('{}', page);
    await ask(page, "desk.classify('a', { explain: true })");
    expect(told).toEqual([]);
    await close(page);
  });
});
