/** @file The package as npm packs it: examples/web is put together from it, and so are apps with a bundler and with types. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violations } from '../../serving/testing/axe.js';
import { buildPackage, inBrowser, noBrowser, openBrowser } from '../../serving/testing/page.js';
import { isolated, type StaticServer, startStatic, strictPolicy } from '../../serving/testing/static-server.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * `npm pack` of what `npm run build` makes for browsers, and its unpacked content in `node_modules` of `site`. npm itself would also fetch what the
 * server depends on, of which a page uses nothing.
 */
async function packInto(site: string): Promise<void> {
  const staging = join(site, 'staging');
  await mkdir(join(staging, 'models'), { recursive: true });
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts?: unknown };
  delete manifest.scripts;
  await writeFile(join(staging, 'package.json'), JSON.stringify(manifest));
  await buildPackage(join(staging, 'dist/client/web'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-p', join(root, 'serving/client/tsconfig.types.json'), '--outDir', join(staging, 'dist/types')]);
  await cp(join(root, 'models/zoo'), join(staging, 'models/zoo'), { recursive: true });
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', site], { cwd: staging });
  const tarball = (await readdir(site)).find((name) => name.endsWith('.tgz'))!;
  const home = join(site, 'node_modules/copydesk');
  await mkdir(home, { recursive: true });
  await run('tar', ['-xzf', join(site, tarball), '-C', home, '--strip-components', '1']);
  await rm(staging, { recursive: true });
}

describe('the packed package', () => {
  let site: string;
  beforeAll(async () => {
    site = await mkdtemp(join(tmpdir(), 'copydesk-packed-'));
    await packInto(site);
  });
  afterAll(() => rm(site, { recursive: true }));

  test('its types are enough for an app that is checked strictly', async () => {
    const app = `
      import { createClient, CopydeskError, type Classifier } from 'copydesk/client';
      import { createClassifier, type Progress } from 'copydesk/web';
      import { CopyDesk } from 'copydesk/element';
      const here: Classifier = createClassifier({ bundle: '/model', prefer: 'auto', onProgress: (one: Progress) => one.phase });
      const there: Classifier = createClient({ url: 'https://desk.example', key: 'k' });
      for (const desk of [here, there]) {
        const one = await desk.classify({ text: 'a', pair: 'b' }, { explain: true, timeout: 500 });
        if ('label' in one) one.label.toUpperCase();
        one.explanation?.spans.map(({ weight }) => weight.toFixed(2));
        (await desk.classify(['a', 'b'])).map(({ decision }) => decision === 'block');
      }
      document.addEventListener('copydesk-verdict', () => {});
      document.querySelector('copy-desk')?.addEventListener('hold', ({ detail }) => detail.verdict.version);
      if (document.activeElement instanceof CopyDesk) document.activeElement.classifier = here;
      export const isOurs = (error: unknown): boolean => error instanceof CopydeskError && error.code === 'unreachable';
      // @ts-expect-error: not a precision
      createClassifier({ bundle: '/model', precision: 'fp8' });
    `;
    await writeFile(join(site, 'app.ts'), app);
    for (const name of ['zod', 'protobufjs', 'long']) await link(site, name);
    const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--lib', 'es2023,es2024.string,dom,dom.iterable', '--types', '']; // biome-ignore format: a list
    await writeFile(join(site, 'package.json'), '{"type":"module"}');
    const checked = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'app.ts'], { cwd: site }).catch((failed: { stdout: string }) => failed); // biome-ignore format: one line
    expect(checked.stdout).toBe('');
  });

  test('its client loads in Node as it is', async () => {
    const script = "import { createClient } from 'copydesk/client'; createClient({ url: 'http://127.0.0.1:9', retries: 0 }).classify('a').catch(({ code }) => console.log(code))"; // biome-ignore format: one line
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: site });
    expect(stdout.trim()).toBe('unreachable');
  });

  describe.skipIf(noBrowser)(inBrowser('in pages'), () => {
    let browser: Browser;
    let server: StaticServer | undefined;
    beforeAll(async () => {
      browser = await openBrowser();
    });
    afterAll(() => browser?.close());

    async function open(folder: string): Promise<{ page: Page; told: string[] }> {
      await server?.close();
      // A static host shows index.html for a folder.
      const index = await readFile(join(folder, 'index.html'), 'utf8');
      server = await startStatic({
        folders: { '/': folder },
        pages: { '/': index },
        headers: { ...isolated, 'content-security-policy': strictPolicy },
      });
      const page = await (await browser.newContext()).newPage();
      const told: string[] = [];
      page.on('console', (message) => !/No available adapters|favicon|404/.test(message.text()) && told.push(message.text()));
      page.on('pageerror', (error) => told.push(error.message));
      await page.goto(server.url);
      return { page, told };
    }
    afterAll(() => server?.close());

    test('examples/web: thirty lines, a static host, and a headline is read while it is written', async () => {
      for (const name of ['index.html', 'build.js']) await cp(join(root, 'examples/web', name), join(site, name));
      await run(process.execPath, ['build.js'], { cwd: site });
      const lines = (await Promise.all(['index.html', 'build.js'].map((name) => readFile(join(site, name), 'utf8'))))
        .join('')
        .trim()
        .split('\n');
      expect(lines.length).toBeLessThanOrEqual(30);
      const { page, told } = await open(join(site, 'site'));
      await page.fill('#headline', 'Rail services resume after a fallen tree is cleared from the northern line');
      await expect.poll(() => page.getAttribute('copy-desk .box', 'data-decision'), { timeout: 60_000 }).toBe('publish');
      await page.fill('#headline', "17 things only people who grew up by the sea understand, and you won't believe number 4");
      await expect.poll(() => page.getAttribute('copy-desk .box', 'data-decision'), { timeout: 30_000 }).toBe('block');
      expect(await violations(page)).toEqual([]);
      expect(told).toEqual([]);
      await page.context().close();
    });

    test("an app's own bundler: its script holds the package, and the worker's files lie where it says", async () => {
      const app = join(site, 'bundled');
      await mkdir(app, { recursive: true });
      const source =
        "import { createClassifier } from 'copydesk/web'; window.desk = createClassifier({ bundle: '/model', assets: '/copydesk' });";
      await build({
        stdin: { contents: source, resolveDir: site },
        bundle: true,
        format: 'esm',
        outfile: join(app, 'app.js'),
        logLevel: 'silent',
      });
      await writeFile(join(app, 'index.html'), '<!doctype html><title>app</title><script type="module" src="/app.js"></script>');
      for (const name of ['copydesk', 'model']) await symlink(join(site, 'site', name), join(app, name));
      const { page, told } = await open(app);
      await page.waitForFunction('window.desk');
      expect(await page.evaluate("desk.classify('Rail services resume')")).toMatchObject({ model: 'headlines-en' });
      expect(told).toEqual([]);
      await page.context().close();
    });

    test('Vite: finds the worker and the runtime by itself', async () => {
      const { build: viteBuild } = await import('vite');
      const app = join(site, 'vite');
      await mkdir(app, { recursive: true });
      await writeFile(join(app, 'index.html'), '<!doctype html><title>app</title><script type="module" src="./app.js"></script>');
      await writeFile(
        join(app, 'app.js'),
        "import { createClassifier } from 'copydesk/web'; window.desk = createClassifier({ bundle: '/model' });",
      );
      await viteBuild({ root: app, configFile: false, logLevel: 'silent', worker: { format: 'es' }, build: { outDir: join(app, 'out') } });
      await symlink(join(site, 'site/model'), join(app, 'out/model'));
      const { page, told } = await open(join(app, 'out'));
      await page.waitForFunction('window.desk');
      expect(await page.evaluate("desk.classify('Rail services resume')")).toMatchObject({ model: 'headlines-en' });
      expect(told).toEqual([]);
      await page.context().close();
    });
  });
});

async function link(site: string, name: string): Promise<void> {
  await symlink(join(root, 'node_modules', name), join(site, 'node_modules', name));
}
