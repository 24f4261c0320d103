/** @file How far a figure, or the difference of two, would move on other texts of the same kind, and with other seeds. */
import { invariant } from '../../models/index.js';
import { createRandom, type Random } from '../data/random.js';
import type { Answers } from './answers.js';
import { resampledMetric } from './resampled-metric.js';
import type { ResampledMetric } from './weighted-mean.js';

export type BootstrapOptions = {
  /** Draws. */
  readonly samples?: number;
  readonly seed?: number;
  /** Share of the draws that lies inside the interval. */
  readonly level?: number;
};

/** `low` and `high` are `null` where the figure was not defined in any draw. */
export type Interval = { readonly value: number; readonly low: number | null; readonly high: number | null };

export type Difference = {
  /** The figure of `b` less that of `a`. */
  readonly difference: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Twice the share of draws on the rarer side of no difference, at least 2 / (samples + 1), at most 1. */
  readonly p: number;
};

const defaults = { samples: 10_000, seed: 1, level: 0.95 };

/** The interval of one figure of one side. */
export function bootstrap(runs: readonly Answers[], metric: string, options: BootstrapOptions = {}): Interval {
  return drawTexts([runs], [metric], options).interval(0, metric);
}

/** The interval of the mean over parts that were asked different texts, such as the folds of a cross-validation: each draw takes texts of every
 *  part. Put together, texts would be ranked by scores of different models, and AUC would be too low. */
export function bootstrapParts(parts: readonly Answers[], metric: string, options: BootstrapOptions = {}): Interval {
  const { samples, seed, level } = { ...defaults, ...options };
  const functions = parts.map((answers) => resampledMetric(answers, metric));
  const counts = parts.map(({ texts }) => new Int32Array(texts.length).fill(1));
  const value = mean(functions, (of, part) => of(counts[part]!));
  const random = createRandom(seed);
  const drawn = Float64Array.from({ length: samples }, () =>
    mean(functions, (of, part) => {
      drawInto(counts[part]!, random);
      return of(counts[part]!);
    }),
  );
  return { value, ...percentiles(drawn, level) };
}

/** The difference of two runs, or of two groups of runs, on the same texts. */
export function pairedBootstrap(a: readonly Answers[], b: readonly Answers[], metric: string, options: BootstrapOptions = {}): Difference {
  return drawTexts([a, b], [metric], options).difference(0, 1, metric);
}

export type Draws = {
  interval(side: number, metric: string): Interval;
  /** Each draw takes the same texts for both sides, so what makes a text hard for both does not widen the interval. */
  difference(a: number, b: number, metric: string): Difference;
};

/**
 * Percentile intervals (Efron and Tibshirani 1993, chapter 13): texts are drawn with replacement, and every figure is made anew.
 *
 * @param sides of each the answers of its runs on the same texts, one entry a seed; its figure is their mean. Where there are several, runs are
 *   drawn with replacement too, so that the interval covers the seed as well; of two or three seeds it is still too narrow
 */
export function drawTexts(sides: readonly (readonly Answers[])[], metrics: readonly string[], options: BootstrapOptions = {}): Draws {
  const { samples, seed, level } = { ...defaults, ...options };
  const texts = textsOf(sides.flat());
  const functions = sides.map((runs) => metrics.map((metric) => runs.map((answers) => resampledMetric(answers, metric))));
  const once = new Int32Array(texts).fill(1);
  const values = functions.map((ofSide) => ofSide.map((ofMetric) => mean(ofMetric, (of) => of(once))));
  const drawn = functions.map((ofSide) => ofSide.map(() => new Float64Array(samples)));
  const random = createRandom(seed);
  const counts = new Int32Array(texts);
  for (let sample = 0; sample < samples; sample++) {
    drawInto(counts, random);
    functions.forEach((ofSide, side) => {
      const runs = sides[side]!.map((_, run, all) => (all.length === 1 ? run : random.below(all.length)));
      ofSide.forEach((ofMetric, metric) => {
        drawn[side]![metric]![sample] = meanOfDrawn(ofMetric, runs, counts);
      });
    });
  }
  const at = (metric: string) => metrics.indexOf(metric);
  return {
    interval: (side, metric) => ({ value: values[side]![at(metric)]!, ...percentiles(drawn[side]![at(metric)]!, level) }),
    difference: (a, b, metric) => {
      const [ofA, ofB] = [drawn[a]![at(metric)]!, drawn[b]![at(metric)]!];
      return {
        difference: values[b]![at(metric)]! - values[a]![at(metric)]!,
        ...testOf(
          ofA.map((value, i) => ofB[i]! - value),
          level,
        ),
      };
    },
  };
}

/** How often each text is drawn, of as many draws as there are texts. */
function drawInto(counts: Int32Array, random: Random): void {
  counts.fill(0);
  for (let i = 0; i < counts.length; i++) counts[random.below(counts.length)]! += 1;
}

function textsOf(runs: readonly Answers[]): number {
  const [count] = runs.map(({ texts }) => texts.length);
  invariant(count !== undefined && count > 0 && runs.every(({ texts }) => texts.length === count), 'bootstrap: runs of other texts');
  return count;
}

function meanOfDrawn(metrics: readonly ResampledMetric[], runs: readonly number[], counts: Int32Array): number {
  if (metrics.length === 1) return metrics[0]!(counts);
  const values = metrics.map((metric) => metric(counts));
  return mean(runs, (run) => values[run]!);
}

function mean<T>(list: readonly T[], of: (entry: T, at: number) => number): number {
  return list.reduce((sum, entry, at) => sum + of(entry, at), 0) / list.length;
}

function testOf(differences: Float64Array, level: number): Pick<Difference, 'low' | 'high' | 'p'> {
  const defined = differences.filter((value) => !Number.isNaN(value));
  const atMost = defined.filter((value) => value <= 0).length;
  const atLeast = defined.filter((value) => value >= 0).length;
  return { ...percentiles(defined, level), p: Math.min(1, (2 * (Math.min(atMost, atLeast) + 1)) / (defined.length + 1)) };
}

/** With linear interpolation between the two nearest draws. */
function percentiles(draws: Float64Array, level: number): Pick<Interval, 'low' | 'high'> {
  const sorted = draws.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return { low: null, high: null };
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    return below + (above - below) * (place - Math.floor(place));
  };
  return { low: at((1 - level) / 2), high: at((1 + level) / 2) };
}
