/** @file `<copy-desk>` in a page of five lines, in a real browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violations } from '../../serving/testing/axe.js';
import { buildPackage, closePage, inBrowser, noBrowser, openBrowser } from '../../serving/testing/page.js';
import { writeSampleBundle } from '../../serving/testing/sample-bundle.js';
import { type StaticServer, startStatic, strictPolicy } from '../../serving/testing/static-server.js';

const page = (lang: string, body: string): string =>
  `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark"><title>Letters</title><script type="module" src="/copydesk/element.js"></script></head>
  <body><main><h1>Letters</h1>${body}</main></body></html>`;
const form = (
  attributes: string,
): string => `<form action="/sent"><label for="letter">Your letter</label><textarea id="letter" name="letter"></textarea>
  <copy-desk for="letter" delay="0" ${attributes}></copy-desk><button>Send</button></form>`;

const pages = {
  '/': page('en', form('bundle="/models/hold/v1"')),
  '/zh': page('zh-CN', form('bundle="/models/stop/v1"')),
  '/publish': page('en', form('bundle="/models/pass/v1"')),
  '/enforce': page('en', form('bundle="/models/stop/v1" enforce name="decision"')),
  '/named': page('en', form('bundle="/models/hold/v1" name="decision" enforce')),
  '/inside': page('en', '<copy-desk url="/api" delay="300"><label>Letter <textarea></textarea></label></copy-desk>'),
  '/two': page('en', `${form('bundle="/models/hold/v1"')}<label>Other <input id="other"></label><copy-desk for="other" bundle="/models/hold/v1" delay="0"></copy-desk>`), // biome-ignore format: one line
  '/sent': page('en', '<p>Thank you</p>'),
};

describe.skipIf(noBrowser)(inBrowser('<copy-desk>'), () => {
  let folder: string;
  let bundles: string;
  let server: StaticServer;
  let browser: Browser;
  const told: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copydesk-element-'));
    await buildPackage(folder);
    bundles = await mkdtemp(join(tmpdir(), 'copydesk-sample-'));
    // What they answer is chance; what is done with it is not.
    const always = (rule: { review: number | null; block: number | null }) => ({ policy: { labels: { clickbait: rule, news: rule } } });
    await writeSampleBundle({ to: bundles, name: 'pass', manifest: always({ review: null, block: null }) });
    await writeSampleBundle({ to: bundles, name: 'hold', manifest: always({ review: 0, block: null }) });
    await writeSampleBundle({ to: bundles, name: 'stop', manifest: always({ review: null, block: 0 }) });
    const headers = { 'content-security-policy': strictPolicy.replace("form-action 'none'", "form-action 'self'") };
    server = await startStatic({ folders: { '/copydesk/': folder, '/models/': bundles }, pages, headers });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const made of [folder, bundles]) await rm(made, { recursive: true });
  });

  async function open(path: keyof typeof pages, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    page.on('console', (message) => !/No available adapters|favicon|404/.test(message.text()) && told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    await page.goto(server.url + path);
    await page.evaluate(`window.events = [];
      for (const name of ['copydesk-verdict', 'hold']) document.addEventListener(name, ({ type, detail }) => events.push([type, detail.text]));`);
    return page;
  }
  const said = (page: Page): Promise<string | null> => page.textContent('copy-desk .said').then((text) => text?.trim() ?? null);
  const close = closePage;
  const write = (page: Page, text: string): Promise<void> => page.fill('#letter', text);
  const shows = (page: Page, what: string | RegExp): Promise<void> => expect.poll(() => said(page), { timeout: 30_000 }).toMatch(what);

  test('the verdict appears while one writes, in a polite live region, with a mark beside its words; and the events tell', async () => {
    const page = await open('/');
    expect(await page.isVisible('copy-desk .box')).toBe(false);
    await write(page, 'no');
    await write(page, 'The council voted on Tuesday');
    await shows(page, /^A person should look at this reads as “(clickbait|news)”, \d+ %$/);
    expect(await page.getAttribute('copy-desk .heard', 'aria-live')).toBe('polite');
    expect(await page.getAttribute('copy-desk .heard', 'role')).toBe('status');
    expect(await page.getAttribute('copy-desk .heard', 'aria-busy')).toBe('false');
    expect(await page.isVisible('copy-desk .mark')).toBe(true);
    expect(await page.evaluate('events')).toEqual([
      ['copydesk-verdict', 'The council voted on Tuesday'],
      ['hold', 'The council voted on Tuesday'],
    ]);
    await write(page, 'no');
    await shows(page, /^$/);
    expect(await page.isVisible('copy-desk .box')).toBe(false);
    await close(page);
  });

  test('speaks the language of the page', async () => {
    const page = await open('/zh');
    await write(page, '市议会昨天决定修复旧桥。');
    await shows(page, /^不能发布 判断为“(clickbait|news)”，\d+ %$/);
    await close(page);
  });

  test('a page may refuse a verdict; then nothing is shown', async () => {
    const page = await open('/');
    await page.evaluate("document.addEventListener('copydesk-verdict', (event) => event.preventDefault())");
    await write(page, 'The council voted on Tuesday');
    await expect.poll(() => page.evaluate('events.length'), { timeout: 30_000 }).toBe(1);
    expect(await said(page)).toBe('');
    await close(page);
  });

  test('enforce: a form that is sent at once waits for the verdict, by keyboard too, and a blocked text does not go', async () => {
    const page = await open('/enforce');
    await page.keyboard.press('Tab');
    await page.keyboard.type('You will never guess');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Send'); // the element itself is no stop on the way
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate("document.getElementById('letter').validationMessage"), { timeout: 30_000 }).toMatch(/^This text would not be published/); // biome-ignore format: one line
    expect(new URL(page.url()).pathname).toBe('/enforce');
    await page.evaluate("document.querySelector('form').reset()");
    await expect.poll(() => page.evaluate("document.getElementById('letter').validationMessage")).toBe('');
    await close(page);
  });

  test('enforce: what is not blocked goes, with its decision, once it is read', async () => {
    const page = await open('/named');
    await write(page, 'The council voted');
    await page.click('button');
    await page.waitForURL('**/sent?**', { timeout: 30_000 });
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ letter: 'The council voted', decision: 'review' });
    await close(page);
  });

  test('enforce: a verdict stays when the field says the same again, and is given anew when the element was moved', async () => {
    const page = await open('/named');
    await write(page, 'The council voted');
    await shows(page, /^A person should look at this/);
    await page.evaluate("document.getElementById('letter').dispatchEvent(new Event('input', { bubbles: true }))");
    expect(await page.evaluate("document.querySelector('copy-desk').verdict.decision")).toBe('review');
    await page.evaluate("document.body.querySelector('form').append(document.querySelector('copy-desk'))");
    await page.click('button');
    await page.waitForURL('**/sent?**', { timeout: 30_000 });
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ letter: 'The council voted', decision: 'review' });
    await close(page);
  });

  test('enforce: what cannot be read is let through, and the page says so', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.route('**/models/**', (route) => route.fulfill({ status: 404 }));
    await page.goto(`${server.url}/named`);
    await write(page, 'The council voted');
    await shows(page, /^This text could not be checked.*was answered with 404$/);
    await page.click('button');
    await page.waitForURL('**/sent?letter=**');
    await close(page);
  });

  test('around a field, and by a server: one request a pause, and the newest text is the one that is answered', async () => {
    const page = await open('/inside');
    const asked: string[] = [];
    await page.route('**/api/classify', async (route) => {
      const [text] = (route.request().postDataJSON() as { texts: string[] }).texts;
      asked.push(text!);
      if (text === 'first text') return; // never answered
      const verdict = { label: text, score: 1, scores: {}, decision: 'publish', threshold: null, decidedBy: null, rule: { kind: 'none' }, model: 'm', version: '1' }; // biome-ignore format: one line
      await route.fulfill({ json: { model: 'm', version: '1', results: [verdict] } });
    });
    await page.locator('textarea').pressSequentially('first text');
    await expect.poll(() => asked).toEqual(['first text']);
    await page.fill('textarea', 'second text');
    await shows(page, /^Fine to publish reads as “second text”, 100 %$/);
    expect(asked).toEqual(['first text', 'second text']);
    await close(page);
  });

  test('two elements of one source share a worker; it is freed when both have left the page', async () => {
    const page = await open('/two');
    await write(page, 'The council voted');
    await page.fill('#other', 'Rail services resume');
    for (const at of [0, 1]) await expect.poll(() => page.locator('copy-desk .decision').nth(at).textContent(), { timeout: 30_000 }).toBe('A person should look at this'); // biome-ignore format: one line
    expect(page.workers()).toHaveLength(1);
    await page.evaluate("document.querySelector('copy-desk').remove()");
    await page.fill('#other', 'Rail services do not resume');
    await expect.poll(() => page.evaluate('events.length')).toBe(6);
    expect(page.workers()).toHaveLength(1);
    await page.evaluate("document.querySelector('copy-desk').remove()");
    await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0);
    await close(page);
  });

  for (const [path, decision] of [
    ['/publish', 'publish'],
    ['/', 'review'],
    ['/zh', 'block'],
  ] as const)
    test(`${decision}: no violation by axe, light and dark, at 320 pixels, without scrolling sideways`, async () => {
      const page = await open(path, { viewport: { width: 320, height: 640 } });
      await write(page, 'The council voted on Tuesday to repair the harbour wall before the winter storms');
      await expect.poll(() => page.getAttribute('copy-desk .box', 'data-decision'), { timeout: 30_000 }).toBe(decision);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await violations(page)).toEqual([]);
        if (process.env.SCREENSHOTS)
          await page.screenshot({ path: join(process.env.SCREENSHOTS, `element-${decision}-${colorScheme}.png`) });
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
      await close(page);
    });

  test('the browser had nothing to complain of', () => expect(told).toEqual([]));
});
