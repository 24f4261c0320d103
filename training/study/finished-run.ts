/** @file A finished run, read back from its folder for comparison. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Run, runFiles } from '../../models/index.js';
import { readRun } from '../../models/run/node.js';
import type { LogEntry } from '../trainer/run-log.js';
import { type Answers, answersOf } from './answers.js';

export type FinishedRun = {
  readonly name: string;
  readonly folder: string;
  readonly run: Run;
  /** Its config as it was resolved. */
  readonly config: Readonly<Record<string, unknown>>;
  /** On val. */
  readonly answers: Answers;
  readonly log: readonly LogEntry[];
};

/** @param name what it is called beside the others
 *  @throws UsageError `training/run` when the folder is no run, or one that is not finished or not whole */
export async function readFinishedRun(folder: string, name = folder): Promise<FinishedRun> {
  const { run, predictions } = await readRun(folder);
  const config = JSON.parse(await readFile(join(folder, runFiles.config), 'utf8').catch(() => '{}'));
  return { name, folder, run, config, answers: answersOf(run, await predictions()), log: await readLog(folder) };
}

async function readLog(folder: string): Promise<LogEntry[]> {
  const text = await readFile(join(folder, runFiles.log), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogEntry);
}

/** Seconds of training a text, the median over the steps; `null` without a log. By text, because steps may differ in how many they hold. */
export function secondsPerText({ log }: Pick<FinishedRun, 'log'>): number | null {
  const speeds = log.flatMap((entry) => (entry.kind === 'step' && entry.examplesPerSecond > 0 ? [entry.examplesPerSecond] : []));
  const median = speeds.sort((a, b) => a - b)[Math.floor(speeds.length / 2)];
  return median === undefined ? null : 1 / median;
}
