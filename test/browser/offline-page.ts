/** @file What tests of the offline page have in common. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** A first visit, until page and model lie on the device. */
export async function keptPage(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForSelector('#device[data-state="kept"]', { timeout: 60_000 });
}

/** What a click on a button gives to keep. */
export async function saved(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  return readFile(await download.path(), 'utf8');
}

/** As people see it: wide and as on a phone, light and dark. Only where `SCREENSHOTS` names a folder. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const to = process.env.SCREENSHOTS;
  if (!to) return;
  const before = page.viewportSize();
  for (const width of [1280, 320])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(to, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  if (before) await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: 'light' });
}
