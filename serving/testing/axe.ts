/** @file What axe-core finds wrong for people who use a page without a mouse, without eyes, or without some colours. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** @returns one line for each violation and the elements that it is about; empty: none */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
  return page.evaluate(`axe.run().then(({ violations }) =>
    violations.map(({ id, help, nodes }) => id + ': ' + help + ' (' + nodes.map(({ target }) => target.join(' ')).join(', ') + ')'))`);
}
