import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashSecret, makeApiKey, writeApiKey, writeKeyFile } from '../access/index.js';
import type { ReviewItem } from '../protocol/index.js';
import { classify } from '../testing/http.js';
import { buildPage, inBrowser, noBrowser, openBrowser } from '../testing/page.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { type RunningServer, startServer } from './start-server.js';

describe.skipIf(noBrowser)(inBrowser('/review'), () => {
  let server: RunningServer;
  let browser: Browser;
  let folder: string;
  let models: string[];
  let apiKey: string;
  const told: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copydesk-review-page-'));
    const page = join(folder, 'page');
    await buildPage(page);
    models = [
      await writeSampleBundle({ manifest: { policy: { labels: { clickbait: { review: 0, block: null } } } } }),
      await writeSampleBundle({
        name: 'topics',
        manifest: { labels: ['arts', 'rumour'], activation: 'sigmoid', policy: { labels: { rumour: { review: 0, block: null } } } },
      }),
    ];
    const { id, secret } = makeApiKey();
    apiKey = writeApiKey({ id, secret });
    const keys = join(folder, 'keys.json');
    const entry = { id, name: 'all', hash: hashSecret(secret), scopes: ['classify', 'review'] as const, rates: [], quotas: [] };
    await writeKeyFile(keys, { version: 1, keys: [{ ...entry, scopes: [...entry.scopes], created: new Date().toISOString() }] });
    const review = { file: join(folder, 'desk.db') };
    server = await startServer({ models, defaultModel: 'sample', port: 0, workers: 1, page, keys, review, logLevel: 'silent' });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const made of [folder, ...models]) await rm(made, { recursive: true });
  });

  const headers = () => ({ authorization: `Bearer ${apiKey}` });
  const hold = (text: string, more: object = {}) => classify(server.url, { text, ...more }, headers());
  const items = async (status: string): Promise<ReviewItem[]> => {
    const response = await fetch(`${server.url}/review?status=${status}`, { headers: headers() });
    return ((await response.json()) as { items: ReviewItem[] }).items;
  };

  async function open(width = 1280): Promise<Page> {
    const page = await (await browser.newContext({ viewport: { width, height: 800 } })).newPage();
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== server.url) told.push(`a request left for ${request.url()}`);
    });
    await page.goto(`${server.url}/review`);
    return page;
  }

  async function begin(name: string, page?: Page): Promise<Page> {
    const opened = page ?? (await open());
    await opened.fill('#name', name);
    await opened.fill('#key', apiKey);
    await opened.click('.begin');
    return opened;
  }

  const textOf = (page: Page) => expect.poll(() => page.textContent('#text'), { timeout: 20_000 });
  const statusOf = (page: Page) => expect.poll(() => page.textContent('#status'), { timeout: 20_000 });

  test('two reviewers get different texts; keys and buttons decide, and the next one comes', async () => {
    for (const text of ['First <b>of</b> three', 'Second of three', 'Third of three']) await hold(text, { id: `c-${text.length}` });
    const ana = await begin('Ana');
    await textOf(ana).toBe('First <b>of</b> three');
    const ben = await begin('Ben');
    await textOf(ben).toBe('Second of three');
    await statusOf(ben).toBe('One more waits.');
    expect(await ana.textContent('#rule')).toMatch(/^Held: “clickbait” at [\d.]+ reaches the threshold of 0\.$/);
    expect(await ana.textContent('#facts')).toContain('c-21');
    const labels = await ana.locator('#labels .choice span:first-of-type').allTextContents();
    await ana.keyboard.press('2');
    await ana.keyboard.press('p');
    await textOf(ana).toBe('Third of three');
    await statusOf(ana).toBe('Published. Nothing else waits.');
    await ben.fill('#note', 'pbs1');
    await ben.click('#block');
    await statusOf(ben).toMatch(/^Blocked\. Nothing waits/);
    expect(await ben.isVisible('#desk')).toBe(false);
    const decided = await items('decided');
    expect(decided).toMatchObject([
      {
        text: 'First <b>of</b> three',
        outcome: { action: 'publish', label: labels[1], by: expect.stringMatching(/\/Ana \(tab [0-9a-f]{8}\)$/) },
      },
      { text: 'Second of three', outcome: { action: 'block', label: decided[1]!.label, note: 'pbs1' } },
    ]);
    for (const page of [ana, ben]) await page.context().close();
  });

  test('a page that is loaded again has its text again; without the key in another tab nothing is shown', async () => {
    const page = await begin('Cyn');
    await statusOf(page).toMatch(/Nothing waits/);
    await hold('Loaded again');
    await textOf(page).toBe('Loaded again');
    await page.reload();
    await textOf(page).toBe('Loaded again');
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0);
    const other = await open();
    await other.click('.begin');
    await expect.poll(() => other.textContent('#problem')).toMatch(/^no key was given\./);
    expect(await other.isVisible('#desk')).toBe(false);
    await other.context().close();
    await page.keyboard.press('b');
    await statusOf(page).toMatch(/^Blocked/);
    await page.context().close();
  }, 60_000);

  test('a text is left to others; what another has decided meanwhile is said', async () => {
    await hold('Left', { model: 'topics' });
    await hold('Right', { model: 'topics' });
    const page = await begin('Dan');
    await textOf(page).toBe('Left');
    await page.click('#skip');
    await textOf(page).toBe('Right');
    expect((await items('open')).map(({ text }) => text)).toContain('Left');
    await page.click('#skip');
    await textOf(page).toBe('Left');
    await page.uncheck('#keys-on');
    await page.focus('#text-heading');
    await page.keyboard.press('p');
    expect((await items('decided')).some(({ text }) => text === 'Left')).toBe(false);
    const mine = (await items('claimed')).find(({ text }) => text === 'Left');
    const by = mine!.claim!.by.split('/')[1];
    const body = JSON.stringify({ labels: ['rumour', 'arts'], reviewer: by });
    const elsewhere = await fetch(`${server.url}/review/${mine!.id}/decision`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers() },
      body,
    });
    expect(await elsewhere.json()).toMatchObject({ text: 'Left', outcome: { labels: ['rumour', 'arts'] } });
    await page.click('#publish');
    await statusOf(page).toMatch(/^Not decided here: it is decided already/);
    await textOf(page).toBe('Right');
    await page.click('#publish');
    await statusOf(page).toMatch(/^Published/);
    await page.context().close();
  });

  test('every control has a name, and a phone of 320 pixels shows it all without scrolling sideways', async () => {
    await hold('W'.repeat(300));
    const page = await begin('Eva', await open(320));
    await textOf(page).toMatch(/^W+$/);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    const { nodes } = (await (await page.context().newCDPSession(page)).send('Accessibility.getFullAXTree')) as {
      nodes: { role?: { value: string }; name?: { value: string } }[];
    };
    const controls = nodes.filter(({ role }) => ['textbox', 'button', 'radio', 'checkbox', 'link'].includes(role?.value ?? ''));
    expect(controls.length).toBeGreaterThanOrEqual(8);
    for (const { name } of controls) expect(name?.value).not.toBe('');
    await page.context().close();
  });

  test('nothing was fetched from elsewhere, and the browser had nothing to complain of', () => {
    expect(told.filter((line) => !/status of (401|409)/.test(line))).toEqual([]);
  });
});
