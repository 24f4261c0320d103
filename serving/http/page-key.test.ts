import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashSecret, makeApiKey, writeApiKey, writeKeyFile } from '../access/index.js';
import { buildPage, inBrowser, noBrowser, openBrowser } from '../testing/page.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { type RunningServer, startServer } from './start-server.js';

describe.skipIf(noBrowser)(inBrowser('the page of a server that asks for keys,'), () => {
  const made = makeApiKey();
  const key = writeApiKey(made);
  let server: RunningServer;
  let browser: Browser;
  let folders: string[];
  /** Addresses that were asked. */
  const addresses: string[] = [];

  beforeAll(async () => {
    const page = await mkdtemp(join(tmpdir(), 'copydesk-page-'));
    await buildPage(page);
    const models = await writeSampleBundle();
    folders = [page, models];
    const keys = join(models, 'keys.json');
    const stored = { id: made.id, name: 'desk', hash: hashSecret(made.secret), scopes: ['classify' as const], rates: [], quotas: [], created: '2026-01-01T00:00:00.000Z' }; // biome-ignore format: one line
    await writeKeyFile(keys, { version: 1, keys: [stored] });
    server = await startServer({ models: [models], keys, port: 0, workers: 1, page, logLevel: 'silent' });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const folder of folders ?? []) await rm(folder, { recursive: true });
  });

  async function open(path = '/'): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    page.on('request', (request) => void addresses.push(request.url()));
    await page.goto(server.url + path);
    return page;
  }
  const give = async (page: Page, text: string): Promise<void> => {
    await page.fill('#key', text);
    await page.click('#key-form button');
  };

  test('it asks for the key, says when one is wrong, and with the right one answers, by the server and in the browser', async () => {
    const page = await open();
    await expect.poll(() => page.textContent('#problem')).toBe('This server asks for a key.');
    await page.fill('#story', 'The council voted on Tuesday');
    await give(page, 'cd_0123456789ab_wrong');
    await expect.poll(() => page.textContent('#problem')).toMatch(/key/);
    await expect.poll(() => page.isVisible('#key-form')).toBe(true);
    await give(page, ` ${key} `);
    await expect.poll(() => page.textContent('#read-by'), { timeout: 20_000 }).toBe('the server');
    expect(await page.isVisible('#key-form')).toBe(false);
    await page.check('#route-browser', { force: true });
    await page.click('#ask');
    await expect.poll(() => page.textContent('#read-by'), { timeout: 30_000 }).toBe('this browser');
    await page.context().close();
  });

  test('the key stays in the tab: a reload has it, another visitor does not, and no address holds it', async () => {
    const page = await open();
    await give(page, key);
    await expect.poll(() => page.isVisible('#empty')).toBe(true);
    await page.reload();
    await page.fill('#story', 'The council voted on Tuesday');
    await page.click('#ask');
    await expect.poll(() => page.isVisible('#verdict')).toBe(true);
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0);
    const other = await open();
    await expect.poll(() => other.isVisible('#key-form')).toBe(true);
    await other.context().close();
    await page.goto(`${server.url}/docs`);
    const route = page.locator('#models');
    await route.locator('summary').click();
    await route.locator('button').click();
    await expect.poll(() => route.locator('form pre').textContent()).toMatch(/^200\n/);
    expect(addresses.filter((address) => address.includes('cd_'))).toEqual([]);
    await page.context().close();
  });
});
