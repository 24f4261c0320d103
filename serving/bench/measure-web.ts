/** @file Bundles in a browser: texts a second, the first verdict cold and warm, and what a page fetches, by what computes and in which precision. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { median } from '../../models/bench/node.js';
import { findBundles } from '../../models/bundle/node.js';
import type { Manifest } from '../../models/index.js';
import { buildPackage, type Gpu, openBrowser } from '../testing/page.js';
import { isolated, startStatic } from '../testing/static-server.js';
import { type PageWeight, pageWeight } from './page-weight.js';
import { mixedTexts } from './texts.js';

export type WebWay = { readonly provider: 'wasm' | 'webgpu'; readonly threads: number; readonly precision: 'fp32' | 'int8' | 'fp16' };

export type WebFigures = {
  /** With 64 texts at a time for some two seconds, after a warm-up; median of the rounds. */
  readonly textsPerSecond: number;
  /** Milliseconds from the first line of script to the first verdict, host and browser on one machine: with nothing held… */
  readonly coldMs: number;
  /** …and with all of it held by the browser. */
  readonly warmMs: number;
};

export type WebRow = WebWay & {
  readonly model: string;
  readonly version: string;
  /** A sentence where it does not run this way. */
  readonly figures: WebFigures | string;
  readonly weight: PageWeight;
};

export type WebMeasuring = {
  /** Bundles, or folders of them. */
  readonly bundles: readonly string[];
  /** The package's root. */
  readonly root: string;
  /** What to ask; default: headlines, teasers and articles made of the example's. */
  readonly texts?: readonly string[];
  /** Default 3. */
  readonly rounds?: number;
  /** Of threads where there are several; default 4. */
  readonly threads?: number;
  /** Where WebGPU is to be found. Default `own`: the machine's, and none where that is a software driver. */
  readonly gpu?: Gpu;
  readonly onRow?: (row: WebRow) => void;
};

/** Precisions that are worth running, by what computes. */
const precisionsOf = { wasm: ['fp32', 'int8'], webgpu: ['fp32', 'fp16'] } as const;

/** @throws Error where there is no Chromium; UsageError where there is no bundle */
export async function measureWeb({
  bundles,
  root,
  rounds = 3,
  threads = 4,
  gpu = 'own',
  onRow,
  ...given
}: WebMeasuring): Promise<WebRow[]> {
  const texts = given.texts ?? (await mixedTexts(root, 256));
  const found = await findBundles(bundles);
  const built = await mkdtemp(join(tmpdir(), 'copydesk-bench-'));
  await buildPackage(built);
  const folders = Object.fromEntries(found.map(({ folder }, i) => [`/model-${i}/`, folder]));
  const pages = { '/': '<!doctype html><html lang="en"><title>bench</title></html>' };
  const kept = { 'cache-control': 'public, max-age=3600' };
  const alone = await startStatic({ folders: { ...folders, '/copydesk/': built }, pages, headers: kept });
  const many = await startStatic({ folders: { ...folders, '/copydesk/': built }, pages, headers: { ...kept, ...isolated } });
  const browser = await openBrowser(gpu);
  const rows: WebRow[] = [];
  try {
    const software = gpu === 'own' && (await isSoftwareGpu(browser, alone.url));
    for (const [i, { manifest, folder }] of found.entries())
      for (const way of ways(manifest, threads)) {
        const asked = manifest.text.input === 'pair' ? texts.map((text, at) => ({ text, pair: texts[(at + 1) % texts.length]! })) : texts;
        const url = (way.threads > 1 ? many : alone).url;
        const figures =
          software && way.provider === 'webgpu'
            ? 'only a software adapter (--gpu software measures it)'
            : await measure(browser, url, `/model-${i}`, way, asked, rounds).catch((error: Error) => error.message.split('\n')[0]!);
        const weight = await pageWeight(built, folder, manifest, way.provider, way.precision);
        const row = { model: manifest.name, version: manifest.version, ...way, figures, weight };
        rows.push(row);
        onRow?.(row);
      }
    return rows;
  } finally {
    await browser.close();
    await Promise.all([alone.close(), many.close()]);
    await rm(built, { recursive: true });
  }
}

function ways({ models }: Manifest, threads: number): WebWay[] {
  const all = (provider: WebWay['provider'], counts: readonly number[]): WebWay[] =>
    precisionsOf[provider]
      .filter((precision) => models[precision] !== undefined)
      .flatMap((precision) => counts.map((count) => ({ provider, threads: count, precision })));
  return [...all('wasm', threads > 1 ? [1, threads] : [1]), ...all('webgpu', [1])];
}

async function measure(
  browser: Browser,
  url: string,
  bundle: string,
  way: WebWay,
  texts: readonly unknown[],
  rounds: number,
): Promise<WebFigures> {
  const cold: number[] = [];
  const warm: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const context = await browser.newContext();
    cold.push(await firstVerdict(context, url, bundle, way, texts[0]));
    // The second visit fills what the browser keeps of compiled code, the third is as all later ones.
    await firstVerdict(context, url, bundle, way, texts[0]);
    const page = await context.newPage();
    warm.push(await firstVerdict(context, url, bundle, way, texts[0], page));
    rates.push(await rate(page, texts));
    await context.close();
  }
  return { textsPerSecond: median(rates), coldMs: median(cold), warmMs: median(warm) };
}

async function firstVerdict(
  context: BrowserContext,
  url: string,
  bundle: string,
  { provider, threads, precision }: WebWay,
  text: unknown,
  kept?: Page,
): Promise<number> {
  const page = kept ?? (await context.newPage());
  await page.goto(url);
  const { milliseconds, runs } = await page.evaluate<{ milliseconds: number; runs: WebWay }>(`(async () => {
    const began = performance.now();
    const { createClassifier } = await import('/copydesk/web.js');
    window.desk = createClassifier(${JSON.stringify({ bundle, prefer: provider, precision, threads })});
    await desk.classify(${JSON.stringify(text)});
    const milliseconds = performance.now() - began;
    return { milliseconds, runs: (await desk.ready()).runs };
  })()`);
  if (!kept) await page.close();
  if (runs.provider !== provider) throw new Error(`${provider} is not to be had here`);
  return milliseconds;
}

/** Texts a second of the classifier that the page holds. */
const rate = (page: Page, texts: readonly unknown[]): Promise<number> =>
  page.evaluate(`(async () => {
    const texts = ${JSON.stringify(texts)};
    await desk.classify(texts.slice(0, 16));
    const began = performance.now();
    let done = 0;
    while (performance.now() - began < 2000) {
      const from = done % texts.length;
      const some = texts.slice(from, from + 64);
      await desk.classify(some);
      done += some.length;
    }
    return done / ((performance.now() - began) / 1000);
  })()`);

/** A driver that computes WebGPU on the processor: it shows that a model runs there, and no speed. */
async function isSoftwareGpu(browser: Browser, url: string): Promise<boolean> {
  const page = await browser.newPage();
  await page.goto(url); // WebGPU is for secure pages
  const software = await page.evaluate<boolean>(`(async () => {
    const info = (await navigator.gpu?.requestAdapter())?.info;
    return info !== undefined && (info.isFallbackAdapter === true || /swiftshader|llvmpipe/i.test(info.architecture + info.device + info.description));
  })()`);
  await page.close();
  return software;
}
