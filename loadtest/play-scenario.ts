/** @file One scenario from its capacity to its report. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { k6Version, runK6, type Summary, thresholdsOf } from './k6.js';
import { describeMachine } from './machine.js';
import { flatness, memoryTrends } from './memory-trends.js';
import { readMetrics, watchMetrics } from './metrics.js';
import { renderLoadReport } from './report/render-load-report.js';
import { type RunRecord, resultFolder, type Totals, writeRecord } from './run-record.js';
import { type Scenario, type ScenarioName, scenarios } from './scenarios.js';
import { startTestedServer, type TestedServer } from './server.js';
import { parseTimeline } from './timeline.js';
import { makeTwoVersions } from './two-versions.js';

export type Outcome = { readonly code: number; readonly record: RunRecord; readonly folder: string };

/** @param options of `copydesk serve`; with BASE_URL in the environment no server is started */
export async function playScenario(name: ScenarioName, options: readonly string[], command: string): Promise<Outcome> {
  const scenario: Scenario = scenarios[name];
  const given = process.env.BASE_URL;
  const machine = describeMachine(k6Version());
  const date = new Date();
  const folder = await resultFolder(name, date);
  const versions = scenario.reloads && given === undefined ? await makeTwoVersions(options) : undefined;
  let server: TestedServer | undefined;
  try {
    if (given === undefined) server = await startTestedServer({ options: versions?.options ?? options });
    const url = given ?? server!.url;
    const key = versions?.key ?? process.env.KEY;
    const env = { BASE_URL: url, ...(key === undefined ? {} : { KEY: key }) };
    const before = await measureCapacity(scenario, folder, env, 'before');
    const keepMetrics = async (when: string): Promise<void> => {
      await writeFile(join(folder, `metrics-${when}.txt`), (await readMetrics(url, key)) ?? 'could not be read\n');
    };
    await keepMetrics('before');
    const watch = watchMetrics(url, key, 1000);
    const run = await runK6(name, folder, { ...env, ...(before === undefined ? {} : { CAPACITY: String(before) }), FIRST_TEXT: '1000000' });
    const samples = await watch.stop();
    await keepMetrics('after');
    const after = scenario.again && process.env.CAPACITY === undefined ? await measureCapacity(scenario, folder, env, 'after') : undefined;
    const serverCode = await server?.stop();
    const notes = serverCode ? [`The server ended with code ${serverCode}.`] : [];
    const memory = memoryTrends(samples);
    const thresholds = [...thresholdsOf(run.summary), ...(scenario.memory ? memory.map(flatness) : [])];
    const passed = thresholds.every(({ ok }) => ok);
    const record: RunRecord = {
      name,
      summary: scenario.summary,
      passed: run.code === 0 && !serverCode && passed,
      command,
      date: date.toISOString(),
      server: given ?? `copydesk serve ${options.join(' ')}`.trim(),
      machine,
      capacity: before === undefined ? null : { before, after: after ?? null },
      seconds: run.summary.state.testRunDurationMs / 1000,
      totals: totalsOf(run.summary),
      thresholds,
      latency: latencyOf(run.summary),
      notes,
      memory,
      reloads: run.summary.metrics.reloads?.values.count ?? 0,
      timeline: parseTimeline(run.record),
      samples,
    };
    await writeRecord(folder, record, renderLoadReport(record));
    return { code: run.code || serverCode || (passed ? 0 : 1), record, folder };
  } finally {
    server?.child.kill('SIGKILL');
    await versions?.remove();
  }
}

/** CAPACITY says what was measured before. */
async function measureCapacity(
  { capacity }: Scenario,
  folder: string,
  env: Readonly<Record<string, string>>,
  when: 'before' | 'after',
): Promise<number | undefined> {
  if (!capacity) return undefined;
  if (process.env.CAPACITY !== undefined) return Number(process.env.CAPACITY);
  const seconds = Number(process.env.CAPACITY_SECONDS ?? 10);
  const wish = {
    MIX: capacity.mix,
    MODELS: capacity.models ?? '',
    DURATION: String(seconds),
    FIRST_TEXT: when === 'before' ? '0' : '1500000',
  };
  const { code, summary } = await runK6('capacity', folder, { ...env, ...wish });
  const count = summary.metrics['answered{scenario:measure}']?.values.count ?? 0;
  if (code !== 0 || count === 0) throw new Error(`the capacity could not be measured: k6 ended with code ${code}`);
  return Math.round((10 * count) / seconds) / 10;
}

export function totalsOf({ metrics }: Summary): Totals {
  const count = (name: string): number => metrics[name]?.values.count ?? 0;
  return {
    asked: count('asked'),
    answered: count('answered'),
    refused429: count('refused_429'),
    refused503: count('refused_503'),
    failed: count('failed'),
    dropped: count('dropped_iterations'),
  };
}

function latencyOf({ metrics }: Summary): RunRecord['latency'] {
  const { med, 'p(95)': p95, 'p(99)': p99, max } = metrics.answer_ms?.values ?? {};
  return med === undefined || p95 === undefined || p99 === undefined || max === undefined ? null : { p50: med, p95, p99, max };
}
