/** @file The page as readers get it: built, and opened in a real browser where one is installed. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
const executablePath = [process.env.CHROMIUM_PATH ?? '', ...onPath].find((path) => path !== '' && existsSync(path));

/** For `describe.skipIf(noBrowser)(inBrowser('what'), …)`: tests that are skipped say why. */
export const noBrowser = executablePath === undefined;
export const inBrowser = (what: string): string =>
  `${what} in Chromium${noBrowser ? ' (skipped: no chromium on PATH and no CHROMIUM_PATH)' : ''}`;

/** What may stand for a GPU: none, the machine's own, or one that Chromium reckons on the processor. */
export type Gpu = 'none' | 'own' | 'software';

const gpuFlags: { readonly [G in Gpu]: readonly string[] } = {
  none: ['--disable-gpu'],
  own: ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--ignore-gpu-blocklist'],
  software: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
};

/** The browser asks for nothing by itself. */
export function openBrowser(gpu: Gpu = 'none'): Promise<Browser> {
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  return chromium.launch({ executablePath: executablePath!, args: ['--headless', '--no-sandbox', ...gpuFlags[gpu], ...quiet] });
}

type Builds = { buildClient(folder: string): Promise<void>; buildPackage(folder: string): Promise<void> };
const builds = (): Promise<Builds> => import(new URL('../client/build.mjs', import.meta.url).href) as Promise<Builds>;

/** The pages of a server. @param folder is emptied first */
export const buildPage = async (folder: string): Promise<void> => (await builds()).buildClient(folder);

/** The files of the browser package alone. @param folder is emptied first */
export const buildPackage = async (folder: string): Promise<void> => (await builds()).buildPackage(folder);

/** Closes all of its context. What the page asks for by itself may be under way: an answer that a test would have altered comes to nobody then. */
export async function closePage(page: Page): Promise<void> {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.context().close();
}
