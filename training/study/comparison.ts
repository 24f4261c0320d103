/** @file Runs side by side on the same texts: figures, intervals, differences and whether they are more than chance. */
import { UsageError } from '../../models/index.js';
import type { Task } from '../data/dataset.js';
import { comparedFigures, type MetricName, metricsOfTask, metricValue } from '../metrics/metric-names.js';
import { figuresOf } from './answers.js';
import { type Difference, drawTexts, type Interval } from './bootstrap.js';
import { type Changes, changes } from './changes.js';
import { type ConfigDifference, configDifferences } from './config-differences.js';
import { type Contender, checkComparable, contenders, type Member } from './contender.js';
import { sentence } from './sentence.js';

export type Comparison = {
  readonly task: Task;
  readonly texts: number;
  readonly contenders: readonly {
    readonly name: string;
    readonly members: readonly string[];
    /** Every figure of the task, with the interval of the mean over the members. */
    readonly figures: Readonly<Record<string, Interval>>;
    /** The compared figure of each member by itself. */
    readonly each: readonly (number | null)[];
  }[];
  /** The figure that the sentences are about. */
  readonly metric: MetricName;
  /** Every other contender against the first. */
  readonly against: readonly {
    readonly a: string;
    readonly b: string;
    readonly differences: Readonly<Record<string, Difference>>;
    readonly sentence: string;
    readonly changes: Changes | null;
  }[];
  /** Keys of the configs that differ, in the order of `contenders`. */
  readonly config: readonly ConfigDifference[];
};

export type ComparisonOptions = {
  /** Default: the first of those that models of this task are compared by. */
  readonly metric?: string;
  /** Changed texts that are shown. */
  readonly examples?: number;
  readonly samples?: number;
};

/** @throws UsageError `usage/argument` when the members cannot be compared, or do not have the metric */
export function compare(members: readonly Member[], { metric, examples = 0, samples = 10_000 }: ComparisonOptions = {}): Comparison {
  checkComparable(members);
  const all = contenders(members);
  const { task, texts } = members[0]!.answers;
  const metrics = metricsOfTask[task];
  const telling = metrics.find((name) => name === (metric ?? comparedFigures[task][0]));
  if (!telling)
    throw new UsageError('usage/argument', `--metric ${metric}: these models do not have it`, `use one of ${metrics.join(', ')}.`);
  const draws = drawTexts(all.map(({ members: some }) => some.map(({ answers }) => answers)), metrics, { samples }); // biome-ignore format: short
  const overFigures = <T>(make: (name: MetricName) => T) => Object.fromEntries(metrics.map((name) => [name, make(name)]));
  const [first, ...others] = all as [Contender, ...Contender[]];
  return {
    task,
    texts: texts.length,
    metric: telling,
    contenders: all.map((contender, i) => ({
      name: contender.name,
      members: contender.members.map(({ name }) => name),
      figures: overFigures((name) => draws.interval(i, name)),
      each: contender.members.map((member) => metricValue(figuresOf(member.answers), telling)),
    })),
    against: others.map((other, i) => {
      const differences = overFigures((name) => draws.difference(0, i + 1, name));
      return {
        a: first.name,
        b: other.name,
        differences,
        sentence: sentence(first.name, other.name, differences[telling]!, telling),
        changes: changes(first, other, examples),
      };
    }),
    config: configDifferences(all.map(({ members: [{ config = {} }] }) => config)),
  };
}
