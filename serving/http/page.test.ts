import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabelVerdict } from '../../models/index.js';
import { violations } from '../testing/axe.js';
import { classify } from '../testing/http.js';
import { buildPage, closePage, inBrowser, noBrowser, openBrowser } from '../testing/page.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { type RunningServer, startServer } from './start-server.js';

describe.skipIf(noBrowser)(inBrowser('the page'), () => {
  let server: RunningServer;
  let browser: Browser;
  let page: string;
  let models: string;
  const told: string[] = [];

  beforeAll(async () => {
    page = await mkdtemp(join(tmpdir(), 'copydesk-page-'));
    await buildPage(page);
    models = await writeSampleBundle();
    server = await startServer({ models: [models], port: 0, workers: 1, page, logLevel: 'silent' });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const made of [page, models]) await rm(made, { recursive: true });
  });

  async function open(options: { readonly width?: number; readonly url?: string } = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: options.width ?? 1280, height: 800 } });
    const page = await context.newPage();
    // The browser's own word for a machine without a GPU, which the page asked for.
    page.on('console', (message) => message.text() !== 'No available adapters.' && told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    page.on('request', (request) => {
      const origin = new URL(request.url()).origin;
      if (origin !== (options.url ?? server.url)) told.push(`a request left for ${origin}`);
    });
    await page.goto(options.url ?? server.url);
    return page;
  }

  /** The scores on the page are rounded; these are what the package says that the page is made of. */
  const askBrowser = (page: Page, text: string): Promise<LabelVerdict> =>
    page.evaluate(`import('/web/web.js').then(async ({ createClassifier }) => {
      const classifier = createClassifier({ bundle: '/bundles/sample/v1', cache: false });
      try { return await classifier.classify(${JSON.stringify(text)}); } finally { classifier.dispose(); }
    })`);

  test('server and browser give the same label, decision and scores within 1e-4', async () => {
    const page = await open();
    const texts = [
      'The council voted on Tuesday',
      'You will never guess what this baker hid',
      '',
      'ΟΔΥΣΣΕΥΣ İstanbul 台风 🚨',
      'harbour '.repeat(100),
    ];
    for (const text of texts) {
      const there = (await classify(server.url, { text })).body.results as LabelVerdict[];
      const here = await askBrowser(page, text);
      expect({ ...here, score: 0, scores: 0 }).toEqual({ ...there[0], score: 0, scores: 0 });
      for (const [label, score] of Object.entries(here.scores)) expect(Math.abs(score - there[0]!.scores[label]!)).toBeLessThan(1e-4);
    }
    await closePage(page);
  });

  test('by keyboard alone: type, choose this browser, ask, and hear the verdict', async () => {
    const page = await open();
    await page.keyboard.press('Tab');
    await page.keyboard.type('Rail services resume after a fallen tree is cleared');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => page.textContent('#read-by')).toBe('the server');
    const spoken = await page.textContent('#spoken');
    expect(spoken).toMatch(/^(Publish|Hold for a person|Block)\. It reads as/);
    for (let i = 0; i < 4; i++) await page.keyboard.press('Tab'); // three examples, then the switch
    await page.keyboard.press('ArrowRight');
    for (let i = 0; i < 2; i++) await page.keyboard.press('Tab'); // past the box that asks why
    await page.keyboard.press('Enter');
    await expect.poll(() => page.textContent('#read-by'), { timeout: 30_000 }).toBe('this browser');
    expect(await page.textContent('#spoken')).toBe(spoken);
    await closePage(page);
  });

  test('every control has a name, and the answer is announced', async () => {
    const page = await open();
    const { nodes } = (await (await page.context().newCDPSession(page)).send('Accessibility.getFullAXTree')) as {
      nodes: { role?: { value: string }; name?: { value: string } }[];
    };
    const controls = nodes.filter(({ role }) => ['textbox', 'button', 'radio', 'combobox', 'link'].includes(role?.value ?? ''));
    expect(controls.length).toBeGreaterThanOrEqual(8);
    for (const { name } of controls) expect(name?.value).not.toBe('');
    expect(await page.getAttribute('#spoken', 'aria-live')).toBe('polite');
    await closePage(page);
  });

  test('a phone of 320 pixels shows it all without scrolling sideways', async () => {
    const page = await open({ width: 320 });
    await page.click('[data-example]');
    await expect.poll(() => page.isVisible('#verdict')).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await closePage(page);
  });

  test('no violation by axe, before and with a verdict and its reasons, light and dark, wide and at 320 pixels', async () => {
    for (const width of [1280, 320]) {
      const page = await open({ width });
      expect(await violations(page)).toEqual([]);
      await page.check('#why');
      await page.click('[data-example]');
      await expect.poll(() => page.isVisible('#weighed')).toBe(true);
      await page.click('#weights summary');
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await violations(page)).toEqual([]);
        if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `page-${width}-${colorScheme}.png`), fullPage: true }); // biome-ignore format: one line
      }
      await closePage(page);
    }
  });

  test('the service worker and the manifest are asked for each time, under the policy of the page', async () => {
    for (const [path, type] of [
      ['/sw.js', 'text/javascript; charset=utf-8'],
      ['/manifest.webmanifest', 'application/manifest+json'],
      ['/icon-512.png', 'image/png'],
    ] as const) {
      // biome-ignore format: one line
      const { headers, status } = await fetch(server.url + path);
      expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, type, 'no-cache']);
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.* worker-src 'self'; manifest-src 'self'/);
    }
    const manifest = (await (await fetch(`${server.url}/manifest.webmanifest`)).json()) as { icons: { src: string }[]; start_url: string };
    for (const address of [manifest.start_url, ...manifest.icons.map(({ src }) => src)])
      expect((await fetch(server.url + address)).status, address).toBe(200);
  });

  test('what is built packed goes out packed to those who take it, and is the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'copydesk-packed-'));
    await writeFile(join(folder, 'app.js'), 'let a = 1;');
    await writeFile(join(folder, 'app.js.br'), brotliCompressSync('let a = 1;'));
    const other = await startServer({ models: [models], port: 0, workers: 1, page: folder, logLevel: 'silent' });
    const [packed, plain] = await Promise.all(['br, gzip', 'gzip'].map((takes) => fetch(`${other.url}/app.js`, { headers: { 'accept-encoding': takes } }))); // biome-ignore format: one line
    expect([packed!.headers.get('content-encoding'), plain!.headers.get('content-encoding')]).toEqual(['br', null]);
    expect(packed!.headers.get('vary')).toMatch(/accept-encoding/i);
    expect([await packed!.text(), await plain!.text()]).toEqual(['let a = 1;', 'let a = 1;']);
    const [a, b] = [packed!, plain!].map(({ headers }) => headers.get('etag')!);
    expect(a).not.toBe(b);
    expect((await fetch(`${other.url}/app.js`, { headers: { 'accept-encoding': 'br', 'if-none-match': a! } })).status).toBe(304);
    expect((await fetch(`${other.url}/app.js.br`)).status).toBe(404);
    await other.close();
    await rm(folder, { recursive: true });
  });

  test('a model of pairs asks for the second text, and server and browser read both orders', async () => {
    const folders = await Promise.all([
      writeSampleBundle({ name: 'pairs', manifest: { text: { maxTokens: 40, input: 'pair', pairs: 'both-orders' } } }),
      writeSampleBundle({
        name: 'topics',
        manifest: { labels: ['arts', 'sport', 'rumour'], activation: 'sigmoid', policy: { labels: {} } },
      }),
      writeSampleBundle({ name: 'value', manifest: { labels: ['outrage'], activation: 'none', policy: { labels: {} } } }),
    ]);
    const other = await startServer({ models: folders, port: 0, workers: 1, page, logLevel: 'silent' });
    const shown = await open({ url: other.url });
    await expect.poll(() => shown.isVisible('#pair')).toBe(true);
    const ask = async (text: string, pair?: string): Promise<string[]> => {
      await shown.fill('#story', text);
      if (pair !== undefined) await shown.fill('#pair', pair);
      await shown.evaluate("document.getElementById('time').textContent = ''");
      await shown.click('#ask');
      await expect.poll(() => shown.textContent('#time'), { timeout: 30_000 }).not.toBe('');
      return shown.locator('#scores .score-line').allTextContents();
    };
    const there = await ask('The council voted', 'You will never guess what this baker hid');
    expect(there).toHaveLength(2);
    expect(await ask('You will never guess what this baker hid', 'The council voted')).toEqual(there);
    await shown.check('#route-browser', { force: true });
    expect(await ask('The council voted', 'You will never guess what this baker hid')).toEqual(there);
    await shown.selectOption('#model', { index: 1 });
    expect(await shown.isVisible('#pair')).toBe(false);
    expect(await ask('The council voted')).toHaveLength(3);
    expect(await shown.textContent('#reason')).toMatch(
      /^(It reads as “\w+” \([\d.]+ %\)|No label reaches its threshold; nearest is “\w+” )/,
    );
    await shown.selectOption('#model', { index: 2 });
    expect(await ask('The council voted')).toEqual([expect.stringMatching(/^outrage-?[\d.]+$/)]);
    expect(await shown.textContent('#reason')).toMatch(/^It reads as outrage -?[\d.]+\.$/);
    await closePage(shown);
    await other.close();
    for (const made of folders) await rm(made, { recursive: true });
  });

  test('why: the words of a story are marked, alike by server and browser, and said in words', async () => {
    const page = await open();
    const story = "You won't believe what 台风 hid 👩🏽‍🚒\nin the harbour";
    await page.fill('#story', story);
    await page.click('#ask');
    await expect.poll(() => page.isVisible('#verdict')).toBe(true);
    expect(await page.isVisible('#explanation')).toBe(false);
    await page.check('#why'); // asks again by itself
    await expect.poll(() => page.isVisible('#weighed')).toBe(true);
    expect(await page.textContent('#weighed')).toBe(story);
    const rows = await page.locator('#weight-rows th').allTextContents();
    expect(rows).toEqual(['You', "won't", 'believe', 'what', '台风', 'hid', '👩🏽‍🚒', 'in', 'the', 'harbour']);
    const marks = await page.locator('#weighed span').evaluateAll((spans) => (spans as unknown as { title: string }[]).map(({ title }) => title)); // biome-ignore format: one line
    for (const title of marks)
      expect(title).toMatch(/^(Speaks for “|Speaks against “|Hardly matters).*: [\d.]+ % (with it, [\d.]+ % without|in all, [\d.]+ % without its share)$/); // biome-ignore format: one line
    const says = await page.textContent('#why-says');
    expect(says).toMatch(/Speaks (for|against) it: |No single word/);
    expect(await page.textContent('#spoken')).toContain(says);
    await page.check('#route-browser', { force: true });
    await page.click('#ask');
    await expect.poll(() => page.textContent('#read-by'), { timeout: 30_000 }).toBe('this browser');
    expect(await page.textContent('#why-says')).toBe(says);
    expect(await page.locator('#weight-rows th').allTextContents()).toEqual(rows);
    await page.uncheck('#why');
    expect(await page.isVisible('#explanation')).toBe(false);
    await closePage(page);
  });

  test('a damaged model file is refused by its hash', async () => {
    const page = await open();
    await page.route('**/onnx/model.onnx', async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      body[body.length - 9]! ^= 1;
      await route.fulfill({ response, body });
    });
    await expect(askBrowser(page, 'a')).rejects.toThrow(/onnx\/model\.onnx is damaged/);
    await closePage(page);
  });

  test('nothing was fetched from elsewhere, and the browser had nothing to complain of', () => expect(told).toEqual([]));
});
