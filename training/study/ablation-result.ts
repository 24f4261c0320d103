/** @file What each trick of an ablation is worth, and what it costs: `ablation.json`. Made from the run folders alone. */
import { join } from 'node:path';
import { UsageError } from '../../models/index.js';
import { type MetricName, metricValue } from '../metrics/metric-names.js';
import { figuresOf } from './answers.js';
import { type Difference, drawTexts } from './bootstrap.js';
import type { FailedRun, PlannedRun } from './carry-out.js';
import { checkComparable } from './contender.js';
import { type FinishedRun, readFinishedRun, secondsPerText } from './finished-run.js';
import type { AblationMode, AblationPlan } from './plan-ablation.js';
import { withSeed } from './plan-study.js';
import { metricNamed, sentence } from './sentence.js';
import { type Spread, spreadOf } from './spread.js';
import type { Trick } from './tricks.js';

export type AblationResult = {
  readonly format: 'copydesk-ablation';
  readonly schemaVersion: 1;
  readonly name: string;
  readonly mode: AblationMode;
  readonly metric: MetricName;
  readonly seeds: readonly number[];
  readonly texts: number;
  readonly base: VariantFigures & { readonly name: string };
  readonly rows: readonly AblationRow[];
  readonly failed: readonly FailedRun[];
};

export type VariantFigures = {
  /** The metric on val over the seeds. */
  readonly figure: Spread | null;
  readonly each: readonly (number | null)[];
  readonly secondsPerText: number | null;
};

export type AblationRow = VariantFigures & {
  readonly key: string;
  readonly what: string;
  /** With the trick less without it: what it is worth. */
  readonly worth: Difference;
  /** Training time a text with the trick over that without; `null` where nobody measured. */
  readonly cost: number | null;
  readonly sentence: string;
};

/** Every variant with every seed; the base first, so that a fault of the config shows at once. */
export const ablationRuns = ({ base, variants }: AblationPlan, seeds: readonly number[]): PlannedRun[] =>
  [base, ...variants].flatMap(({ name, config }) => seeds.map((seed) => ({ name: runName(name, seed), config: withSeed(config, seed) })));

const runName = (variant: string, seed: number): string => `${variant}/seed-${seed}`;

export type AblationInput = {
  readonly folder: string;
  readonly plan: AblationPlan;
  readonly seeds: readonly number[];
  readonly failed: readonly FailedRun[];
  readonly samples?: number;
};

/** @throws UsageError `training/run` when the base has no finished run */
export async function ablationResult({ folder, plan, seeds, failed, samples = 10_000 }: AblationInput): Promise<AblationResult> {
  const read = async (variant: string): Promise<FinishedRun[]> => {
    const names = seeds.map((seed) => runName(variant, seed)).filter((name) => failed.every((one) => one.name !== name));
    return Promise.all(names.map((name) => readFinishedRun(join(folder, name), name)));
  };
  const base = await read(plan.base.name);
  const variants = await Promise.all(plan.variants.map(async ({ name, trick }) => ({ trick, runs: await read(name) })));
  const [first] = base;
  if (!first) throw new UsageError('training/run', `${folder}: no run of the config itself is finished`, 'run the ablation again.');
  const finished = variants.filter(({ runs }) => runs.length > 0);
  checkComparable(
    [base, ...finished.map(({ runs }) => runs)].flat().map((one) => ({
      name: one.name,
      answers: one.answers,
      fingerprint: one.run.data.fingerprint.val ?? '',
      secondsPerText: null,
    })),
  );
  const metric = metricNamed(first.run.best.metric);
  const draws = drawTexts([base, ...finished.map(({ runs }) => runs)].map((runs) => runs.map(({ answers }) => answers)), [metric], { samples }); // biome-ignore format: short
  const baseFigures = figuresOver(base, metric);
  return {
    format: 'copydesk-ablation',
    schemaVersion: 1,
    name: first.run.name,
    mode: plan.mode,
    metric,
    seeds,
    texts: first.answers.texts.length,
    base: { name: plan.base.name, ...baseFigures },
    rows: finished.map(({ trick, runs }, i) => {
      const figures = figuresOver(runs, metric);
      const [without, withIt] = sidesOf[plan.mode](0, i + 1);
      const worth = draws.difference(without, withIt, metric);
      return { ...rowOf(trick, worth, metric), ...figures, cost: ratio(...sidesOf[plan.mode](baseFigures, figures)) };
    }),
    failed,
  };
}

/** Of the base and a variant: first what is without the trick, then what is with it. */
const sidesOf: { readonly [M in AblationMode]: <T>(base: T, variant: T) => [T, T] } = {
  remove: (base, variant) => [variant, base],
  add: (base, variant) => [base, variant],
};

const rowOf = ({ key, what }: Trick, worth: Difference, metric: MetricName) => ({
  key,
  what,
  worth,
  sentence: sentence(`without ${key}`, `with ${key}`, worth, metric),
});

function figuresOver(runs: readonly FinishedRun[], metric: MetricName): VariantFigures {
  const each = runs.map(({ answers }) => metricValue(figuresOf(answers), metric));
  const seconds = spreadOf(runs.flatMap((one) => secondsPerText(one) ?? []));
  return { figure: spreadOf(each.flatMap((value) => value ?? [])), each, secondsPerText: seconds?.mean ?? null };
}

const ratio = (without: VariantFigures, withIt: VariantFigures): number | null =>
  without.secondsPerText === null || withIt.secondsPerText === null ? null : withIt.secondsPerText / without.secondsPerText;
