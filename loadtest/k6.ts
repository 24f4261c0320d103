/** @file k6 as a child process, and what it wrote. */
import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Threshold = { readonly metric: string; readonly rule: string; readonly value: number | null; readonly ok: boolean };

/** The parts of k6's summary that are used. */
export type Summary = {
  readonly metrics: Readonly<
    Record<
      string,
      { readonly values: Readonly<Record<string, number>>; readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>> }
    >
  >;
  readonly state: { readonly testRunDurationMs: number };
};

export const k6 = process.env.K6 ?? 'k6';
export const scenarioPath = (name: string): string => fileURLToPath(new URL(`scenarios/${name}.js`, import.meta.url));

/** `undefined` where k6 does not run. */
export function k6Version(): string | undefined {
  const { status, stdout } = spawnSync(k6, ['version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

export type K6Run = { readonly code: number; readonly summary: Summary; readonly record: string };

/**
 * @param folder where its summary and record go, as NAME-summary.json and NAME-record.ndjson
 * @throws Error when k6 ended without a summary
 */
export async function runK6(name: string, folder: string, env: Readonly<Record<string, string>>): Promise<K6Run> {
  const summaryFile = join(folder, `${name}-summary.json`);
  const recordFile = join(folder, `${name}-record.ndjson`);
  const child = spawn(k6, ['run', '--quiet', '--no-usage-report', scenarioPath(name)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      SUMMARY: summaryFile,
      // The dashboard itself is not wanted; it adds up each second's figures, which a file of every sample would leave to us.
      ...{ K6_WEB_DASHBOARD: 'true', K6_WEB_DASHBOARD_PORT: '-1', K6_WEB_DASHBOARD_PERIOD: '1s', K6_WEB_DASHBOARD_RECORD: recordFile },
      ...env,
    },
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('exit', (status) => resolve(status ?? 1));
  });
  const summary = await readFile(summaryFile, 'utf8').catch(() => {
    throw new Error(`${name}: k6 ended with code ${code} and without a summary`);
  });
  return { code, summary: JSON.parse(summary) as Summary, record: await readFile(recordFile, 'utf8').catch(() => '') };
}

/** Every threshold with the value that it was held against. A rule is written as `p(99)<150`. */
export function thresholdsOf({ metrics }: Summary): readonly Threshold[] {
  return Object.entries(metrics).flatMap(([metric, { values, thresholds = {} }]) =>
    Object.entries(thresholds).map(([rule, { ok }]) => {
      const [, aggregate = ''] = /^([^<>=!]+?)\s*[<>=!]/.exec(rule) ?? [];
      return { metric, rule, value: values[aggregate] ?? null, ok };
    }),
  );
}
