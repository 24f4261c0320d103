/** @file New versions of the page and of its model, and files that are damaged, in a real browser: one version or the other, never half of each. */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { violations } from '../../serving/testing/axe.js';
import { buildPage, closePage, inBrowser, noBrowser, openBrowser } from '../../serving/testing/page.js';
import { type PageServer, startPageServer } from '../page-server.js';
import { zooBundle } from '../zoo-bundle.js';
import { keptPage, screenshot } from './offline-page.js';

const text = 'Seven Charts That Explain the Drought';
const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

describe.skipIf(noBrowser)(inBrowser('a page that was kept'), () => {
  let first: string;
  /** The page in another version, and in one that is still being put there: its service worker names a file that is not there yet. */
  let second: string;
  let unfinished: string;
  let old: { models: string; version: string };
  let next: { models: string; version: string };
  let server: PageServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    first = await mkdtemp(join(tmpdir(), 'copydesk-first-'));
    await buildPage(first);
    [second, unfinished] = [`${first}-second`, `${first}-unfinished`];
    for (const folder of [second, unfinished]) {
      await cp(first, folder, { recursive: true });
      const [html, worker] = await Promise.all(['index.html', 'sw.js'].map((name) => readFile(join(folder, name), 'utf8')));
      const changed = html!.replace('A verdict is advice', 'In its second version, a verdict is advice');
      await writeFile(join(folder, 'sw.js'), worker!.replace(sha256(html!), sha256(changed)));
      if (folder === second) await writeFile(join(folder, 'index.html'), changed);
    }
    [old, next] = await Promise.all([zooBundle('headlines-en'), zooBundle('headlines-en', 'next')]);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    for (const made of [first, second, unfinished, old?.models, next?.models]) if (made) await rm(made, { recursive: true });
  });
  beforeEach(async () => {
    if (page) await closePage(page);
    await server?.end();
    server = await startPageServer({ models: [old.models], page: first });
    page = await (await browser.newContext()).newPage();
    await keptPage(page, server.url);
  });

  /** The same address, with other files behind it. */
  async function serve(options: Parameters<typeof startPageServer>[0]): Promise<void> {
    const { port } = server;
    await server.end();
    server = await startPageServer({ ...options, port });
  }
  const held = (cache: string): Promise<string[]> =>
    page.evaluate(`caches.open('${cache}').then((cache) => cache.keys()).then((all) => all.map(({ url }) => url))`);
  const advice = (): Promise<string | null> => page.textContent('footer p');
  const ask = async (): Promise<void> => {
    await page.fill('#story', text);
    await page.evaluate("document.getElementById('reason').textContent = ''");
    await page.click('#ask');
    await expect.poll(() => page.textContent('#reason'), { timeout: 30_000 }).not.toBe('');
  };

  test('offers a new version of itself when all of that has come, changes to it when it is told to, and forgets the old', async () => {
    await serve({ models: [old.models], page: second });
    await page.reload();
    expect(await advice()).toMatch(/^A verdict/);
    await expect.poll(() => page.isVisible('#update'), { timeout: 30_000 }).toBe(true);
    expect(await page.textContent('#update-says')).toBe('A new version of this page is ready.');
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'update');
    await Promise.all([page.waitForEvent('load'), page.click('#change')]);
    await expect.poll(advice).toMatch(/^In its second version/);
    expect(await page.isVisible('#update')).toBe(false);
    const pages = (await held('copydesk-app')).filter((url) => new URL(url).pathname === '/');
    expect(pages).toEqual([expect.stringContaining(sha256(await readFile(join(second, 'index.html'), 'utf8')))]);
    await server.end();
    await page.reload();
    expect(await advice()).toMatch(/^In its second version/);
  });

  test('stays as it is while a version is only half there', async () => {
    await serve({ models: [old.models], page: unfinished });
    await page.reload();
    const ended = page.evaluate(`navigator.serviceWorker.ready.then(async (registration) => {
      await registration.update().catch(() => {});
      const { installing } = registration;
      if (installing) await new Promise((end) => installing.addEventListener('statechange', () => installing.state === 'redundant' && end()));
      return [registration.waiting, registration.active?.state];
    })`);
    expect(await ended).toEqual([null, 'activated']);
    expect(await page.isVisible('#update')).toBe(false);
    expect(await advice()).toMatch(/^A verdict/);
    await server.end();
    await page.reload();
    expect(await advice()).toMatch(/^A verdict/);
    await expect.poll(() => page.getAttribute('#device', 'data-state')).toBe('offline');
  });

  test('fetches a new version of the model while the old one answers, changes when it is there whole, and removes the old', async () => {
    await serve({ models: [next.models], page: first });
    await page.reload();
    await expect.poll(() => page.textContent('#device-news'), { timeout: 30_000 }).toBe('New here: headlines-en next. The version before was removed.'); // biome-ignore format: one line
    expect((await held('copydesk')).filter((url) => url.includes(`/${old.version}/`))).toEqual([]);
    await server.end();
    await page.reload();
    await expect.poll(() => page.textContent('#device-says')).toMatch(/with headlines-en next\.$/);
    await ask();
    expect(await page.textContent('#model-name')).toBe('headlines-en next');
  });

  test('keeps the old version of the model where the new one does not come whole', async () => {
    await serve({ models: [next.models], page: first });
    // Requests of the page's worker.
    await page.context().route(/\/next\/onnx\//, (route) => route.abort());
    await page.reload();
    await page.check('#route-browser', { force: true });
    await ask();
    expect(await page.textContent('#model-name')).toBe(`headlines-en ${old.version}`);
    await server.end();
    await page.reload();
    await ask();
    expect(await page.textContent('#model-name')).toBe(`headlines-en ${old.version}`);
  });

  test('offers to learn corrections again on a new version, and does not do it silently', async () => {
    await ask();
    await page.click('#correct summary');
    await page.check('#correct-fields [value="news"]');
    await page.click('#correct-form button');
    await expect.poll(() => page.textContent('#learning-says'), { timeout: 60_000 }).toMatch(/^It is learnt/);
    await serve({ models: [next.models], page: first });
    await page.reload();
    await expect.poll(() => page.textContent('#personal-says'), { timeout: 30_000 }).toMatch(/^headlines-en next is another version than the one that learnt your correction/); // biome-ignore format: one line
    await page.check('#route-browser', { force: true });
    await ask();
    expect(await page.textContent('#reason')).toMatch(/“clickbait”/);
    expect(await page.isVisible('#personal-verdict')).toBe(false);
    await page.click('#learn-again');
    await expect.poll(() => page.textContent('#personal-verdict'), { timeout: 60_000 }).toMatch(/^Personal: /);
    expect(await page.textContent('#reason')).toMatch(/“news”/);
  });

  test('mends its own files where they are damaged, from the server', async () => {
    await page.evaluate(`caches.open('copydesk-app').then(async (cache) => {
      for (const request of await cache.keys())
        if (/app\\.js|\\.wasm/.test(request.url)) await cache.put(request, new Response('damaged', { headers: { 'content-type': 'text/javascript' } }));
    })`);
    // What it has seen whole it believes until it is started anew.
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('ServiceWorker.enable');
    await cdp.send('ServiceWorker.stopAllWorkers');
    await page.reload();
    await page.check('#route-browser', { force: true });
    await ask();
    expect(await page.textContent('#read-by')).toBe('this browser');
    await server.end();
    await cdp.send('ServiceWorker.stopAllWorkers');
    await page.reload();
    await ask();
    expect(await page.textContent('#read-by')).toBe('this browser');
  });
});
