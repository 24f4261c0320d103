/** @file The page as readers get it: built, and opened in a real browser where one is installed. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
const executablePath = [process.env.CHROMIUM_PATH ?? '', ...onPath].find((path) => path !== '' && existsSync(path));

/** For `describe.skipIf(noBrowser)(inBrowser('what'), …)`: tests that are skipped say why. */
export const noBrowser = executablePath === undefined;
export const inBrowser = (what: string): string =>
  `${what} in Chromium${noBrowser ? ' (skipped: no chromium on PATH and no CHROMIUM_PATH)' : ''}`;

/** The browser asks for nothing by itself. */
export function openBrowser(): Promise<Browser> {
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']; // biome-ignore format: a list
  return chromium.launch({ executablePath: executablePath!, args: ['--headless', '--no-sandbox', ...quiet] });
}

/** @param folder is emptied first */
export async function buildPage(folder: string): Promise<void> {
  const { buildClient } = (await import(new URL('../client/build.mjs', import.meta.url).href)) as {
    buildClient(folder: string): Promise<void>;
  };
  await buildClient(folder);
}
