/** @file Dashboard and alerts by a real Prometheus, scraping a real server: every expression is valid, and shows what it is there to show. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { rows } from './dashboard/panels.js';
import { type Sample, type ScrapedServer, startScrapedServer } from './testing/scraped-server.js';

const missing = ['prometheus', 'promtool'].filter((program) => spawnSync(program, ['--version']).error !== undefined);
const skipped = missing.length > 0 ? ` (skipped: no ${missing.join(', no ')})` : '';

describe.skipIf(missing.length > 0)(`promtool${skipped}`, () => {
  const folder = fileURLToPath(new URL('prometheus/', import.meta.url));
  test.each([
    ['the alerts are as their own tests expect', 'test rules alerts.test.yml alerts-slow.test.yml'],
    ['the alerts follow its lint', 'check rules --lint=all --lint-fatal alerts.yml'],
    ['the configuration is valid', 'check config prometheus.yml'],
  ])('%s', (_, command) => {
    const { status, stdout, stderr } = spawnSync('promtool', command.split(' '), { cwd: folder, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  });
});

describe.skipIf(missing.length > 0)(`a real Prometheus${skipped}`, () => {
  let scraped: ScrapedServer;
  beforeAll(async () => {
    scraped = await startScrapedServer();
    await vi.waitFor(() => scraped.ask('status/buildinfo'), { timeout: 20_000, interval: 100 });
  });
  afterAll(() => scraped?.close());

  /** Series with a number. */
  const series = async (expression: string): Promise<readonly Sample[]> => {
    const { result } = await scraped.ask<{ result: readonly Sample[] }>('query', { query: expression });
    return result.filter(({ value }) => value?.[1] !== 'NaN');
  };
  const filled = (expression: string): string =>
    expression.replaceAll('$__rate_interval', '5s').replaceAll(/\$(job|instance|model|version)\b/g, '.*');

  test('every panel of the dashboard has data', async () => {
    const expressions = rows.flatMap(({ panels }) =>
      panels.flatMap(({ title, lines }) => lines.map(([expression]) => [title, filled(expression)] as const)),
    );
    expect(expressions.length).toBeGreaterThan(45);
    const empty = async (): Promise<readonly string[]> => {
      const found = await Promise.all(
        expressions.map(async ([title, expression]) => ((await series(expression)).length > 0 ? [] : [title])),
      );
      return found.flat();
    };
    await expect.poll(empty, { timeout: 25_000, interval: 500 }).toEqual(Object.keys(emptyHere));
  });

  test('every alert is evaluated, and what it watches is there', async () => {
    type Rules = { groups: { rules: { name: string; query: string; health: string; lastError?: string }[] }[] };
    const loaded = async (): Promise<Rules['groups'][number]['rules']> =>
      (await scraped.ask<Rules>('rules')).groups.flatMap(({ rules }) => rules);
    await expect.poll(async () => (await loaded()).filter(({ health }) => health !== 'ok'), { timeout: 10_000 }).toEqual([]);
    const rules = await loaded();
    expect(rules.length).toBeGreaterThan(14);
    const empty = async (): Promise<readonly string[]> => {
      const found = await Promise.all(rules.map(async ({ name, query }) => ((await series(watched(query))).length > 0 ? [] : [name])));
      return found.flat();
    };
    await expect.poll(empty, { timeout: 10_000, interval: 500 }).toEqual(Object.keys(quietHere));
  });

  test('the server is scraped without a fault, in reasonable size', async () => {
    expect((await series('up')).map(({ value }) => value?.[1])).toEqual(['1']);
    const [samples] = await series('scrape_samples_scraped');
    expect(Number(samples?.value?.[1])).toBeLessThan(2_000);
  });
});

/** Both sides are compared with everything, so that the series are there whether they fire or not. */
const watched = (query: string): string => query.replaceAll(/ (>|<|==) /g, ' $1 bool ');

/** Panels without data here, and why. */
const emptyHere = { 'Review: decisions': 'nobody reviews' };
/** Alerts whose series are not there in a healthy server that has just started, and why. */
const quietHere = {
  CopydeskErrors: 'no request fails',
  CopydeskMemoryGrows: 'it compares with six hours ago',
};
