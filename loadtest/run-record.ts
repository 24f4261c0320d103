/** @file What is kept of a run: enough to draw its report again. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Threshold } from './k6.js';
import type { LineFit } from './line-fit.js';
import type { Machine } from './machine.js';
import type { Sample } from './metrics.js';
import type { Moment } from './timeline.js';

export type Totals = {
  readonly asked: number;
  readonly answered: number;
  readonly refused429: number;
  readonly refused503: number;
  /** Neither a verdict nor a refusal. */
  readonly failed: number;
  /** Requests that k6 did not send for want of clients. */
  readonly dropped: number;
};

/** Growth of memory after the warm-up: MB an hour, over so many hours, from and to so many MB. */
export type MemoryTrend = {
  readonly what: string;
  readonly perHour: LineFit;
  readonly hours: number;
  readonly from: number;
  readonly to: number;
};

export type RunRecord = {
  readonly name: string;
  readonly summary: string;
  readonly passed: boolean;
  readonly command: string;
  readonly date: string;
  readonly server: string;
  readonly machine: Machine;
  /** Requests a second before the run, and where it was measured again, after it. */
  readonly capacity: { readonly before: number; readonly after: number | null } | null;
  readonly seconds: number;
  readonly totals: Totals;
  readonly thresholds: readonly Threshold[];
  /** Milliseconds until a verdict. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number } | null;
  /** What else is to be said, a sentence each. */
  readonly notes: readonly string[];
  readonly memory: readonly MemoryTrend[];
  /** Reloads of a model in the run. */
  readonly reloads: number;
  readonly timeline: readonly Moment[];
  readonly samples: readonly Sample[];
};

/** `results/NAME-2026-01-31T12-00-00`, new. */
export async function resultFolder(name: string, date: Date): Promise<string> {
  const base = process.env.RESULTS ?? fileURLToPath(new URL('results', import.meta.url));
  const folder = join(base, `${name}-${date.toISOString().slice(0, 19).replaceAll(':', '-')}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

export async function writeRecord(folder: string, record: RunRecord, report: string): Promise<void> {
  await writeFile(join(folder, 'run.json'), `${JSON.stringify(record, null, 1)}\n`);
  await writeFile(join(folder, 'report.html'), report);
}
