/** @file A person corrects verdicts, and the page learns them, in a real browser. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violations } from '../../serving/testing/axe.js';
import { buildPage, inBrowser, noBrowser, openBrowser } from '../../serving/testing/page.js';
import { type PageServer, startPageServer } from '../page-server.js';
import { zooBundle } from '../zoo-bundle.js';
import { keptPage, saved, screenshot } from './offline-page.js';

const text = 'Seven Charts That Explain the Drought';
const other = "You won't believe what this baker hid in her oldest oven";

describe.skipIf(noBrowser)(inBrowser('a person who corrects verdicts'), () => {
  let folder: string;
  let models: string;
  let model: string;
  let server: PageServer;
  let browser: Browser;
  let page: Page;
  let head: Buffer;
  const told: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copydesk-personal-'));
    await buildPage(folder);
    const zoo = await zooBundle('headlines-en');
    models = zoo.models;
    model = `headlines-en ${zoo.version}`;
    server = await startPageServer({ models: [models], page: folder });
    browser = await openBrowser();
    page = await (await browser.newContext()).newPage();
    page.on('pageerror', (error) => told.push(error.message));
    await keptPage(page, server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    for (const made of [folder, models]) await rm(made, { recursive: true });
  });

  /** @returns what is said of the verdict */
  async function ask(story: string): Promise<string> {
    await page.fill('#story', story);
    await page.evaluate("document.getElementById('reason').textContent = ''");
    await page.click('#ask');
    await expect.poll(() => page.textContent('#reason'), { timeout: 30_000 }).not.toBe('');
    return (await page.textContent('#reason'))!;
  }

  test('before anything is corrected the page says what can be done, and a verdict by the server can be corrected too', async () => {
    expect(await page.textContent('#personal-says')).toMatch(/^Where a verdict is wrong, say what it should have been/);
    expect(await ask(text)).toMatch(/^It reads as “clickbait”/);
    expect(await page.isVisible('#personal-verdict')).toBe(false);
    expect(await page.isVisible('#correct')).toBe(true);
    expect(await page.isVisible('#discard')).toBe(false);
  });

  test('by keyboard alone a verdict is corrected; the device learns it, answers by it, and says what the model as shipped would say', async () => {
    await page.focus('#correct summary');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.textContent('#learning-says'), { timeout: 60_000 })
      .toMatch(/^It is learnt\. Of other texts, about [\d.]+ % are/);
    await expect.poll(() => page.textContent('#personal-verdict'), { timeout: 30_000 }).toMatch(/^Personal: by your corrections\. The model as shipped says “clickbait”: /); // biome-ignore format: one line
    expect(await page.textContent('#reason')).toMatch(/^It reads as “news”/);
    expect(await page.textContent('#read-by')).toBe('this browser');
    expect(await page.textContent('#personal-says')).toBe(`${model} answers by your correction here, and nowhere else.`);
    expect(await ask(other)).toMatch(/^It reads as “clickbait”/);
    expect(await page.textContent('#personal-verdict')).toBe('Personal: by your corrections. The model as shipped says the same.');
  });

  test('why is told of the head that answers', async () => {
    await page.check('#why');
    await ask(text);
    await expect.poll(() => page.textContent('#why-heading'), { timeout: 30_000 }).toBe('Why “news”');
    await page.uncheck('#why');
  });

  test('no violation by axe, light and dark, wide and at 320 pixels, where nothing scrolls sideways', async () => {
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [320, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await screenshot(page, 'personal');
  });

  test('what was learnt is there after a reload without the server, and is given as files', async () => {
    await server.end();
    await page.reload();
    await expect.poll(() => page.textContent('#personal-says')).toBe(`${model} answers by your correction here, and nowhere else.`);
    expect(await ask(text)).toMatch(/^It reads as “news”/);
    expect(await page.isVisible('#personal-verdict')).toBe(true);
    expect(JSON.parse(await saved(page, '#export-corrections'))).toEqual({ text, label: 'news' });
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#export-head')]);
    expect(download.suggestedFilename()).toMatch(/^headlines-en-\w+\.personal\.safetensors$/);
    head = await readFile(await download.path());
  });

  test('it is discarded after a question only, and all of it', async () => {
    await page.click('#discard');
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'personal-discard');
    await page.keyboard.press('Escape');
    expect(await page.locator('#correction-list li').count()).toBe(1);
    await page.click('#discard');
    await page.click('#discard-dialog [value="discard"]');
    await expect.poll(() => page.textContent('#learning-says')).toBe('All of it is gone: the model answers as it was shipped.');
    await expect.poll(() => page.textContent('#reason')).toMatch(/^It reads as “clickbait”/);
    expect(await page.locator('#correction-list li').count()).toBe(0);
    expect(await page.isVisible('#personal-verdict')).toBe(false);
    await page.reload();
    expect(await ask(text)).toMatch(/^It reads as “clickbait”/);
  });

  test('what was learnt is opened from its file; a file that is none is refused', async () => {
    await page.setInputFiles('#import-head', { name: 'other.safetensors', mimeType: '', buffer: Buffer.from('nonsense') });
    await expect.poll(() => page.textContent('#learning-says')).toMatch(/^personal head: /);
    await page.setInputFiles('#import-head', { name: 'head.safetensors', mimeType: '', buffer: head });
    await expect
      .poll(() => page.textContent('#personal-says'))
      .toBe(`${model} answers by a head that came as a file, on this device only.`);
    expect(await ask(text)).toMatch(/^It reads as “news”/);
  });

  test('a correction that is taken back is forgotten', async () => {
    expect(await ask(other)).toMatch(/^It reads as “clickbait”/);
    await page.click('#correct summary');
    await page.check('#correct-fields [value="news"]');
    await page.click('#correct-form button');
    await expect.poll(() => page.locator('#correction-list li').count(), { timeout: 60_000 }).toBe(1);
    await expect.poll(() => page.textContent('#reason'), { timeout: 60_000 }).toMatch(/^It reads as “news”/);
    await page.click('#correction-list button');
    await expect.poll(() => page.textContent('#learning-says'), { timeout: 60_000 }).toMatch(/^Nothing is corrected any more/);
    await expect.poll(() => page.textContent('#reason')).toMatch(/^It reads as “clickbait”/);
    expect(told).toEqual([]);
  });

  test('the package: calls during a lesson wait for it, one that is stopped changes nothing, and the next worker knows what the last one learnt', async () => {
    const [name, version] = model.split(' ');
    const other = await (await browser.newContext()).newPage();
    server = await startPageServer({ models: [models], page: folder });
    await other.goto(`${server.url}/docs`);
    const ask = <T>(expression: string): Promise<T> => other.evaluate(expression);
    await ask(`import('/web/web.js').then(({ createClassifier }) => {
      window.desk = createClassifier({ bundle: '/bundles/${name}/${version}', cache: false, threads: 1 });
      window.lesson = [{ text: '${text}', label: 'news' }];
      window.label = () => desk.classify('${text}').then(({ label, personal }) => [label, personal?.exported.label]);
    })`);
    const stopped = await ask(`(async () => {
      const stop = new AbortController();
      return desk.teach(lesson, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) }).catch(({ message }) => message);
    })()`);
    expect([stopped, await ask('label()')]).toEqual(['enough', ['clickbait', undefined]]);
    expect(await ask('Promise.all([desk.teach(lesson).then(({ learnt }) => learnt.right), label()])')).toEqual([1, ['news', 'clickbait']]);
    await other
      .workers()[0]!
      .evaluate('self.close()')
      .catch(() => {});
    await expect.poll(() => other.workers().length).toBe(0);
    expect(await ask('label().catch(label)')).toEqual(['news', 'clickbait']);
    expect(await ask("desk.teach([{ text: 'a', label: 'weather' }]).catch(({ code }) => code)")).toBe('data/invalid');
    expect(await ask('desk.restore(null).then(label)')).toEqual(['clickbait', undefined]);
    await other.context().close();
  });
});
