import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultNames } from './faults/play-faults.js';
import { k6, k6Version, type Summary, scenarioPath, thresholdsOf } from './k6.js';
import { fitLine } from './line-fit.js';
import { parseMetrics, sampleOf } from './metrics.js';
import { totalsOf } from './play-scenario.js';
import { renderLoadReport } from './report/render-load-report.js';
import type { RunRecord } from './run-record.js';
import { scenarioNames } from './scenarios.js';
import { kindAt, mixes, sentences, textAt } from './texts.js';
import { parseTimeline } from './timeline.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const run = promisify(execFile);

describe('texts', () => {
  test('are all different, of every kind', () => {
    const many = 50_000;
    const texts = new Set(Array.from({ length: many }, (_, i) => textAt(i, 'mixed').text));
    expect(texts.size).toBe(many);
    const far = new Set(Array.from({ length: 1_000 }, (_, i) => textAt(sentences - 1 - i * 999, 'headlines').text));
    expect(far.size).toBe(1_000);
  });

  test('come in the shares that are stated, in the lengths that are stated', () => {
    const kinds = Array.from({ length: 20_000 }, (_, i) => kindAt(i, 'mixed'));
    for (const [kind, share] of Object.entries(mixes.mixed)) expect(kinds.filter((one) => one === kind).length / kinds.length).toBeCloseTo(share, 2); // biome-ignore format: short
    for (let i = 0; i < 2_000; i++) {
      const { kind, text } = textAt(i, 'mixed');
      const words = text.split(' ').length;
      const [least, most] = { headline: [10, 22], paragraph: [35, 115], article: [220, 560] }[kind] as [number, number];
      expect(words, text).toBeGreaterThanOrEqual(least);
      expect(words, text).toBeLessThanOrEqual(most);
    }
  });
});

describe('what k6 wrote', async () => {
  const summary = JSON.parse(await readFile(here('testing/summary.json'), 'utf8')) as Summary;
  const timeline = parseTimeline(await readFile(here('testing/record.ndjson'), 'utf8'));
  const scrape = parseMetrics(await readFile(here('testing/metrics.txt'), 'utf8'));
  const record = (totals = totalsOf(summary)): RunRecord => ({
    name: 'average',
    summary: 'half of the capacity <for> a minute',
    passed: false,
    command: 'npm run loadtest -- average',
    date: '2026-01-31T12:00:00.000Z',
    server: 'copydesk serve',
    machine: { processor: 'one', cores: 2, memoryGb: 8, system: 'Linux', node: 'v20', k6: 'k6', load: 0 },
    capacity: { before: 218.2, after: null },
    seconds: summary.state.testRunDurationMs / 1000,
    totals,
    thresholds: thresholdsOf(summary),
    latency: null,
    notes: [],
    memory: [],
    reloads: 0,
    timeline,
    samples: [0, 1, 2].map((at) => sampleOf(at, scrape, undefined, 1)),
  });

  test('each second adds up to the whole', () => {
    const { asked, answered } = totalsOf(summary);
    const seconds = timeline.map(({ at }, i) => at - (timeline[i - 1]?.at ?? 0));
    const sum = (of: (i: number) => number): number => seconds.reduce((total, length, i) => total + length * of(i), 0);
    expect(sum((i) => timeline[i]!.asked)).toBeGreaterThan(0.9 * asked);
    expect(sum((i) => timeline[i]!.answered)).toBeLessThanOrEqual(answered + 1);
    for (const { p50, p99 } of timeline) if (p50 !== null) expect(p99).toBeGreaterThanOrEqual(p50);
  });

  test('a threshold has the value that it was held against', () => {
    const broken = thresholdsOf(summary).filter(({ ok }) => !ok);
    expect(broken).toEqual([{ metric: 'answer_ms', rule: 'p(99)<150', value: summary.metrics.answer_ms!.values['p(99)'], ok: false }]);
  });

  test('the report is one page with its curves, without a script, and escapes what it is given', () => {
    const page = renderLoadReport(record());
    expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(5);
    expect(page).toContain('1 of 6 thresholds did not hold');
    expect(page).toContain('half of the capacity &#60;for&#62; a minute');
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  test('a run in which k6 could not keep up does not count, and the report says so', () => {
    expect(renderLoadReport(record({ ...totalsOf(summary), dropped: 3 }))).toContain('The run does not count');
  });

  test('metrics that the server does not have are no figures', () => {
    expect(sampleOf(0, parseMetrics('other_total 1\n'), undefined, 1)).toMatchObject({ rssMb: null, queueTexts: null, batch: null });
    expect(sampleOf(0, scrape, undefined, 1)).toMatchObject({ queueTexts: 0, inFlight: 1, workers: 2 });
  });
});

describe('does it grow', () => {
  const line = (slope: number, noise: number) => Array.from({ length: 300 }, (_, i) => [i, 100 + slope * i + noise * Math.sin(i * 12.9898)] as const); // biome-ignore format: short

  test('a line is found in noise, and its interval holds the slope', () => {
    const fit = fitLine(line(0.5, 20))!;
    expect(fit.low).toBeLessThan(0.5);
    expect(fit.high).toBeGreaterThan(0.5);
    expect(fit.low).toBeGreaterThan(0);
  });

  test('of what does not grow, the interval holds 0', () => {
    const fit = fitLine(line(0, 20))!;
    expect(fit.low).toBeLessThan(0);
    expect(fit.high).toBeGreaterThan(0);
  });

  test('few measurements say nothing', () => expect(fitLine(line(1, 0).slice(0, 11))).toBeUndefined());

  test('slope and interval are those that the textbook has', () => {
    // y = 2x with residuals ±1 by turns; blocks of one point where there are twelve.
    const points = Array.from({ length: 12 }, (_, i) => [Math.floor(i / 2), 2 * Math.floor(i / 2) + (Math.floor(i / 2) % 2 === 0 ? 1 : -1)] as const); // biome-ignore format: short
    const fit = fitLine(points)!;
    expect(fit.blocks).toBe(6);
    expect(fit.slope).toBeCloseTo(2 - 6 / 35, 6);
    expect((fit.high - fit.low) / 2).toBeCloseTo(2.776 * Math.sqrt((6 - 36 / 70) / 4 / 17.5), 1);
  });
});

test('every scenario has its script, every script its scenario, and the list names them all', async () => {
  const scripts = (await readdir(here('scenarios'))).map((name) => name.replace(/\.js$/, '')).filter((name) => name !== 'capacity');
  expect(scripts.sort()).toEqual([...scenarioNames].sort());
  const readme = await readFile(here('README.md'), 'utf8');
  for (const name of [...scenarioNames, ...faultNames]) expect(readme).toContain(`\`${name}\``);
});

describe.skipIf(k6Version() === undefined)('with k6', () => {
  let server: Server;
  let results: string;
  let url: string;
  beforeAll(async () => {
    results = await mkdtemp(join(tmpdir(), 'copydesk-results-'));
    const verdict = { decision: 'publish', label: 'news', score: 0.9, scores: { news: 0.9, other: 0.1 }, model: 'm', version: 'v' };
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.setHeader('content-type', 'application/json');
        response.end(request.url === '/classify' ? JSON.stringify({ model: 'm', version: 'v', results: [verdict] }) : '{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await rm(results, { recursive: true });
  });

  test.each(['capacity', ...scenarioNames])('k6 understands %s, and a run with dropped requests fails', async (name) => {
    const { stdout } = await run(k6, ['inspect', scenarioPath(name)]);
    expect(JSON.parse(stdout).thresholds).toMatchObject({ dropped_iterations: ['count==0'], failed: ['count==0'] });
  });

  const play = (env: Record<string, string>) =>
    run(process.execPath, ['--import', 'tsx', here('run.ts'), 'average'], {
      env: { ...process.env, BASE_URL: url, RESULTS: results, DURATION: '1s', CAPACITY: '20', ...env },
    }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => error,
    );

  test('what holds ends with 0 and leaves a report', async () => {
    const { code, stdout } = await play({ P99_MS: '60000' });
    expect([code, stdout]).toEqual([0, expect.stringContaining('everything held')]);
    const [folder = ''] = await readdir(results);
    expect(await readdir(join(results, folder))).toEqual(expect.arrayContaining(['report.html', 'run.json', 'average-summary.json']));
  });

  test('a threshold that does not hold ends with another code', async () => {
    const { code, stdout } = await play({ P99_MS: '0' });
    expect(code).toBe(99);
    expect(stdout).toContain('did not hold: answer_ms p(99)<0');
  });
});
