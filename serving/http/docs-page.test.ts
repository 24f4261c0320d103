import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schemaText } from '../client/page/schema-text.js';
import { buildPage, inBrowser, noBrowser, openBrowser } from '../testing/page.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { type RunningServer, startServer } from './start-server.js';

describe.skipIf(noBrowser)(inBrowser('/docs'), () => {
  let server: RunningServer;
  let browser: Browser;
  let folders: string[];
  const told: string[] = [];

  beforeAll(async () => {
    const page = await mkdtemp(join(tmpdir(), 'copydesk-page-'));
    await buildPage(page);
    const models = await writeSampleBundle();
    folders = [page, models];
    server = await startServer({ models: [models], port: 0, workers: 1, page, logLevel: 'silent' });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const folder of folders) await rm(folder, { recursive: true });
  });

  async function open(): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== server.url) told.push(`a request left for ${request.url()}`);
    });
    await page.goto(`${server.url}/docs`);
    await page.locator('details.route').first().waitFor();
    return page;
  }

  test('lists every documented operation, and asks nobody but this server', async () => {
    const page = await open();
    const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: Record<string, object> };
    const operations = Object.values(paths).flatMap((methods) => Object.keys(methods));
    expect(await page.locator('details.route').count()).toBe(operations.length);
    expect(told).toEqual([]);
  });

  test('sends the example of a route and shows what comes back', async () => {
    const page = await open();
    const route = page.locator('details.route', { has: page.locator('.path', { hasText: /^\/v2\/models\/\{model\}\/infer$/ }) });
    await route.locator('summary').click();
    await route.locator('input').fill('sample');
    await route.locator('button').click();
    await expect.poll(() => route.locator('form pre').textContent()).toMatch(/^200\n\{.*"model_name": "sample"/s);
    await route.locator('input').fill('another');
    await route.locator('button').click();
    await expect.poll(() => route.locator('form pre').textContent()).toMatch(/^404\n\{.*"error"/s);
    expect(told.filter((line) => !line.includes('404'))).toEqual([]);
  });
});

test('a schema reads as a type', () => {
  const schema = {
    type: 'object',
    properties: {
      text: { type: 'string' },
      'a-b': { anyOf: [{ type: 'string' }, { type: 'null' }] },
      list: { type: 'array', items: { enum: ['a', 'b'] } },
      pair: { type: 'array', prefixItems: [{ type: 'string' }, { const: 1 }] },
      map: { type: 'object', additionalProperties: { type: 'number' } },
      error: { $ref: '#/x' },
      lost: { $ref: '#/y' },
    },
    required: ['text'],
  };
  expect(schemaText(schema, (ref) => (ref === '#/x' ? { type: 'array', items: { type: 'object', properties: {} } } : undefined))).toBe(`{
  text: string;
  "a-b"?: string | null;
  list?: ("a" | "b")[];
  pair?: [string, 1];
  map?: {
    [name: string]: number;
  };
  error?: {}[];
  lost?: #/y;
}`);
});
