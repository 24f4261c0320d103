/** @file What the runs of a study came to: `study.json`. Made from the run folders alone. */
import { join } from 'node:path';
import { UsageError } from '../../models/index.js';
import type { SplitBy } from '../data/split.js';
import { type MetricName, metricsOfTask } from '../metrics/metric-names.js';
import type { Answers } from './answers.js';
import { bootstrapParts, drawTexts, type Interval } from './bootstrap.js';
import type { FailedRun } from './carry-out.js';
import { type FinishedRun, readFinishedRun, secondsPerText } from './finished-run.js';
import { metricNamed } from './sentence.js';
import { type Spread, spreads } from './spread.js';

export type StudyKind = 'seeds' | 'folds';

export type StudyResult = {
  readonly format: 'copydesk-study';
  readonly schemaVersion: 1;
  readonly kind: StudyKind;
  /** How texts were dealt to folds. */
  readonly by?: SplitBy;
  readonly name: string;
  /** The metric that chose the weights of each run. */
  readonly metric: MetricName;
  readonly labels: readonly string[];
  readonly runs: readonly StudyRun[];
  readonly failed: readonly FailedRun[];
  /** Over the runs, by split and by dotted key such as `macroF1` and `perClass.news.f1`. */
  readonly summary: Readonly<Record<string, Readonly<Record<string, Spread>>>>;
  /** Of the mean over the runs on val. Over seeds: by drawing texts and seeds; over folds: by drawing texts of each. */
  readonly intervals: Readonly<Record<string, Interval>>;
};

export type StudyRun = {
  readonly name: string;
  readonly bestStep: number;
  /** Figures by split, as in `run.json`. */
  readonly metrics: FinishedRun['run']['metrics'];
  readonly secondsPerText: number | null;
};

export type StudyInput = {
  readonly folder: string;
  readonly kind: StudyKind;
  readonly by?: SplitBy;
  readonly names: readonly string[];
  readonly failed: readonly FailedRun[];
  /** Draws of the bootstrap. */
  readonly samples?: number;
};

/** The study, and its runs as they were read. */
export async function studyResult({ folder, kind, by, names, failed, samples = 10_000 }: StudyInput) {
  const finished = names.filter((name) => failed.every((one) => one.name !== name));
  const runs = await Promise.all(finished.map((name) => readFinishedRun(join(folder, name), name)));
  const [first] = runs as [FinishedRun, ...FinishedRun[]];
  if (kind === 'seeds') checkSameData(runs, folder);
  const { task, labels } = first.answers;
  const result: StudyResult = {
    format: 'copydesk-study',
    schemaVersion: 1,
    kind,
    ...(by ? { by } : {}),
    name: first.run.name,
    metric: metricNamed(first.run.best.metric),
    labels,
    runs: runs.map((one) => ({
      name: one.name,
      bestStep: one.run.best.step,
      metrics: one.run.metrics,
      secondsPerText: secondsPerText(one),
    })),
    failed,
    summary: Object.fromEntries(
      Object.keys(first.run.metrics).map((split) => [split, summaryOf(runs.map(({ run }) => run.metrics[split]!))]),
    ),
    intervals: intervalsOf[kind](
      runs.map(({ answers }) => answers),
      metricsOfTask[task],
      samples,
    ),
  };
  return { result, runs };
}

type Intervals = Readonly<Record<string, Interval>>;

const intervalsOf: { readonly [K in StudyKind]: (runs: readonly Answers[], metrics: readonly MetricName[], samples: number) => Intervals } =
  {
    seeds: (runs, metrics, samples) => {
      const draws = drawTexts([runs], metrics, { samples });
      return Object.fromEntries(metrics.map((metric) => [metric, draws.interval(0, metric)]));
    },
    folds: (runs, metrics, samples) => Object.fromEntries(metrics.map((metric) => [metric, bootstrapParts(runs, metric, { samples })])),
  };

/** Figures, and not what they were counted from. */
const summaryOf = (metrics: readonly object[]): Readonly<Record<string, Spread>> =>
  Object.fromEntries(Object.entries(spreads(metrics)).filter(([key]) => !/(^|\.)(examples|support|threshold)$/.test(key)));

/** @throws UsageError `training/run` when runs of one study were made of different data */
export function checkSameData(runs: readonly FinishedRun[], folder: string): void {
  const [first] = runs;
  for (const { name, run } of runs) {
    const split = Object.keys(run.data.fingerprint).find((key) => run.data.fingerprint[key] !== first?.run.data.fingerprint[key]);
    if (split === undefined) continue;
    throw new UsageError(
      'training/run',
      `${folder}: ${name} was trained on other data than ${first?.name}: their ${split} differ`,
      'the data have changed since the study was begun: give another folder with --to.',
    );
  }
}
