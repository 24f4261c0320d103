/** @file The page after its server has stopped: what one visit left on the device, in a real browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violations } from '../../serving/testing/axe.js';
import { buildPage, inBrowser, noBrowser, openBrowser } from '../../serving/testing/page.js';
import { type PageServer, startPageServer } from '../page-server.js';
import { zooBundle } from '../zoo-bundle.js';
import { keptPage, saved, screenshot } from './offline-page.js';

const lure = "She planted one seed on a motorway verge. You won't believe what happened next";

describe.skipIf(noBrowser)(inBrowser('a device without room'), () => {
  test('is told so; the page and the model run while the server answers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'copydesk-room-'));
    await buildPage(folder);
    const { models } = await zooBundle('headlines-en');
    const server = await startPageServer({ models: [models], page: folder });
    const browser = await openBrowser();
    const page = await (await browser.newContext()).newPage();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 200_000 });
    await page.goto(server.url);
    await expect.poll(() => page.textContent('#device-problem'), { timeout: 30_000 }).toBe('This device has no room for the model: it answers only while the server does.'); // biome-ignore format: one line
    await expect.poll(() => page.textContent('#device-says'), { timeout: 30_000 }).toBe('No model is held yet. This page is not kept. This device has no room for it.'); // biome-ignore format: one line
    await screenshot(page, 'no-room');
    await page.check('#route-browser', { force: true });
    await page.fill('#story', lure);
    await page.click('#ask');
    await expect.poll(() => page.textContent('#read-by'), { timeout: 30_000 }).toBe('this browser');
    await browser.close();
    await server.end();
    for (const made of [folder, models]) await rm(made, { recursive: true });
  });
});

describe.skipIf(noBrowser)(inBrowser('the page without its server'), () => {
  let folder: string;
  let models: string;
  let version: string;
  let server: PageServer;
  let browser: Browser;
  let page: Page;
  const told: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copydesk-offline-'));
    await buildPage(folder);
    const zoo = await zooBundle('headlines-en');
    ({ models } = zoo);
    ({ version } = zoo.bundle.manifest);
    server = await startPageServer({ models: [models], page: folder });
    browser = await openBrowser();
    page = await (await browser.newContext()).newPage();
    page.on('pageerror', (error) => told.push(error.message));
    await keptPage(page, server.url);
    await server.end();
    await page.reload();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    for (const made of [folder, models]) await rm(made, { recursive: true });
  });

  test('keeps its own files and the model, and no answer of the server', async () => {
    const kept = await page.evaluate<string[]>(`caches.keys().then(async (names) => {
      const all = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => name + ' ' + new URL(url).pathname)));
      return all.flat();
    })`);
    const others = kept.filter((one) => !/^copydesk-app \/(|(app|web\/worker)\.js|style\.css|manifest\.webmanifest|icon\S*|parts\/\S+|web\/ort\/\S+)$/.test(one)); // biome-ignore format: one line
    expect(others.every((one) => one.startsWith(`copydesk /bundles/headlines-en/${version}/`))).toBe(true);
    expect(kept.filter((one) => /jspi|webgpu|review|docs/.test(one))).toEqual([]);
  });

  test('opens, says that it reads by itself, and with which model and version', async () => {
    await expect
      .poll(() => page.textContent('#device-says'))
      .toBe(`The server does not answer. This device reads by itself, with headlines-en ${version}.`);
    expect(await page.isChecked('#route-browser')).toBe(true);
    await screenshot(page, 'offline-empty');
  });

  test('classifies and explains', async () => {
    await page.check('#why');
    await page.fill('#story', lure);
    await page.click('#ask');
    await expect.poll(() => page.textContent('#reason'), { timeout: 30_000 }).toMatch(/^It reads as “clickbait”/);
    expect(await page.textContent('#read-by')).toBe('this browser');
    expect(await page.textContent('#model-name')).toBe(`headlines-en ${version}`);
    expect(await page.locator('#weight-rows tr').count()).toBeGreaterThan(8);
    expect(await page.textContent('#why-says')).toMatch(/Speaks for it/);
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'offline-verdict');
  });

  test('reads a file of texts to a table, sorted as wanted, and gives it back as CSV and JSON Lines', async () => {
    const news = 'Ferry service to the outer islands is suspended until the wind drops';
    const csv = `id,headline\n1,"${lure}"\n2,${news}\n=3,\n`;
    await page.setInputFiles('#texts', { name: 'desk.csv.gz', mimeType: 'application/gzip', buffer: gzipSync(csv) });
    await expect.poll(() => page.textContent('#file-says')).toBe('desk.csv.gz: 3 rows.');
    expect(await page.textContent('#file-sample')).toContain('She planted');
    await page.click('#read-file');
    await expect.poll(() => page.textContent('#result-count'), { timeout: 30_000 }).toMatch(/^2 of 3 texts were read: /);
    const labels = (): Promise<string[]> => page.locator('#result-rows td:nth-child(4)').allTextContents();
    expect(await labels()).toEqual(['clickbait', 'news', '']);
    await page.click('text=Label');
    expect(await labels()).toEqual(['', 'clickbait', 'news']);
    await page.keyboard.press('Enter');
    expect(await labels()).toEqual(['news', 'clickbait', '']);
    expect(await page.getAttribute('th:has-text("Label")', 'aria-sort')).toBe('descending');
    const written = (await saved(page, '#download-csv')).split('\r\n');
    expect(written[0]).toContain('id,headline,copydesk decision,copydesk label,');
    expect(written[2]).toMatch(new RegExp(`^2,${news},\\w+,news,.*,headlines-en,${version},$`));
    expect(written[3]).toMatch(/^"'=3",,,/);
    const lines = (await saved(page, '#download-jsonl')).trim().split('\n').map((line) => JSON.parse(line)); // biome-ignore format: one line
    expect(lines.map(({ id, copydesk }) => [id, copydesk?.label])).toEqual([['1', 'clickbait'], ['2', 'news'], ['=3', undefined]]); // biome-ignore format: one line
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'offline-table');
  });

  test('takes a file that is dropped, and asks which of its columns are texts', async () => {
    const lines = `{"id": 1, "note": "${lure}", "n": null}\n{"id": 2, "note": 5}\nno JSON\n`;
    const dropped = await page.evaluateHandle(`(() => {
      const given = new DataTransfer();
      given.items.add(new File([${JSON.stringify(lines)}], 'notes.jsonl'));
      return given;
    })()`);
    await page.dispatchEvent('#drop', 'drop', { dataTransfer: dropped });
    await expect.poll(() => page.textContent('#file-says')).toBe('notes.jsonl: 2 rows. 1 row could not be read and is left out.');
    expect(await page.locator('#file-column option').allTextContents()).toEqual(['id', 'note', 'n']);
    expect(await page.isVisible('#file-header-field')).toBe(false);
    await page.selectOption('#file-column', { label: 'n' });
    expect(await page.textContent('#file-sample')).toBe('This column is empty.');
    await page.selectOption('#file-column', { label: 'note' });
    expect(await page.textContent('#file-sample')).toContain('She planted');
  });

  test('a long list shows how far it is, can be stopped, and what was read until then is there', async () => {
    const list = Array.from({ length: 30_000 }, (_, i) => `Rail services resume on line ${i}`).join('\n');
    await page.setInputFiles('#texts', { name: 'lines.txt', mimeType: 'text/plain', buffer: Buffer.from(list) });
    await expect.poll(() => page.textContent('#file-says')).toBe('lines.txt: 30,000 rows.');
    await page.click('#read-file');
    await expect.poll(() => page.textContent('#file-share')).toMatch(/^[1-9]\d? %$/);
    await page.click('#file-cancel');
    await expect.poll(() => page.textContent('#result-count')).toMatch(/^[\d,]+ of 30,000 texts were read, then it was stopped: /);
    expect(await page.locator('#result-rows tr').count()).toBe(200);
    expect(await page.textContent('#result-says')).toMatch(/^The first 200 of 30,000/);
    expect((await saved(page, '#download-jsonl')).trim().split('\n')).toHaveLength(30_000);
  });

  test('says that the server is not reached where it is asked all the same', async () => {
    await page.check('#route-server', { force: true });
    await page.click('#ask');
    await expect.poll(() => page.textContent('#problem'), { timeout: 30_000 }).toBe('The server cannot be reached. Is it still running?');
    await page.check('#route-browser', { force: true });
    await page.click('#ask');
    await expect.poll(() => page.isVisible('#verdict')).toBe(true);
    expect(told).toEqual([]);
  });
});
