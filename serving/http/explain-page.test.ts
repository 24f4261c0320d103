/** @file Why, in a real browser, by the gradient of the model that runs in the page. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../models/bundle/node.js';
import { zooBundle } from '../../test/zoo-bundle.js';
import type { Explanation } from '../protocol/index.js';
import { classify } from '../testing/http.js';
import { buildPage, closePage, inBrowser, noBrowser, openBrowser } from '../testing/page.js';
import { type RunningServer, startServer } from './start-server.js';

describe.skipIf(noBrowser)(inBrowser('the explain graph'), () => {
  let folder: string;
  let models: string;
  let bundle: Bundle;
  let server: RunningServer;
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copydesk-page-'));
    await buildPage(folder);
    ({ models, bundle } = await zooBundle('headlines-en'));
    server = await startServer({ models: [models], port: 0, workers: 1, page: folder, logLevel: 'silent' });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const made of [folder, models]) await rm(made, { recursive: true });
  });

  const text = "You won't believe what this baker hid in her oldest oven 👩🏽‍🚒";

  /** By the model in a page of its own. @param precision as the package calls it @returns the explanation, and which files of the bundle were fetched */
  async function explainInPage(
    precision: string,
    refuse: RegExp = /^$/,
  ): Promise<{ explanation: Explanation; fetched: readonly string[] }> {
    const page = await (await browser.newContext()).newPage();
    const fetched: string[] = [];
    page.on('request', (request) => /\/bundles\//.test(request.url()) && fetched.push(new URL(request.url()).pathname.split('/').pop()!));
    await page.route(refuse, (route) => route.abort());
    await page.goto(`${server.url}/docs`); // the page at / fetches the model by itself
    const { name, version } = bundle.manifest;
    const answer = (await page.evaluate(`import('/web/web.js').then(async ({ createClassifier }) => {
      const classifier = createClassifier({ bundle: '/bundles/${name}/${version}', cache: false, prefer: 'wasm', precision: '${precision}' });
      try {
        await classifier.classify(${JSON.stringify(text)}, { explain: true });
        return await classifier.classify(${JSON.stringify(text)}, { explain: true });
      } finally { classifier.dispose(); }
    })`)) as { explanation: Explanation };
    await closePage(page);
    return { explanation: answer.explanation, fetched };
  }

  test('gives what the server gives, over the bytes of the model that the page has already', async () => {
    const { body } = await classify(server.url, { text, explain: true });
    const { explanation: theirs } = body as unknown as { explanation: Explanation };
    const { explanation, fetched } = await explainInPage('fp32');
    expect([theirs.method, explanation.method]).toEqual(['integrated-gradients', 'integrated-gradients']);
    expect(explanation.spans.map(({ start, end }) => [start, end])).toEqual(theirs.spans.map(({ start, end }) => [start, end]));
    for (const [i, { weight }] of explanation.spans.entries()) expect(weight).toBeCloseTo(theirs.spans[i]!.weight, 2);
    expect(explanation.empty).toBeCloseTo(theirs.empty, 3);
    expect(fetched.filter((file) => file === 'model.onnx')).toHaveLength(1);
    expect(fetched.filter((file) => file === 'explain.onnx')).toHaveLength(1);
  });

  test('that cannot be fetched is done without: words are left out', async () => {
    const { explanation } = await explainInPage('fp32', /explain\.onnx/);
    expect(explanation.method).toBe('occlusion');
    expect(explanation.spans.length).toBeGreaterThan(5);
  });
});
