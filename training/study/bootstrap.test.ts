/** @file Beside scikit-learn and numpy: `golden/make.py` made the figures, text by text as drawn, and the intervals, of 40,000 draws of its own. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type MetricName, metricValue } from '../metrics/metric-names.js';
import { computeMetrics } from '../metrics/metrics.js';
import { type Answers, answersOf, figuresOf } from './answers.js';
import { bootstrap, bootstrapParts, pairedBootstrap } from './bootstrap.js';
import { resampledMetric } from './resampled-metric.js';

type Figures = Readonly<Record<string, number>>;
type Single = {
  readonly truth: readonly number[];
  readonly runs: readonly (readonly (readonly number[])[])[];
  readonly counted: readonly { readonly counts: readonly number[]; readonly figures: readonly Figures[] }[];
  readonly intervals: Readonly<Record<string, { single: [number, number]; difference: [number, number]; notBetter: number }>>;
};
type Other = Pick<Answers, 'targets' | 'logits'> & {
  readonly counted: readonly { readonly counts: readonly number[]; readonly figures: Figures }[];
};
type Golden = { readonly 'single-label': Readonly<Record<string, Single>>; readonly 'multi-label': Other; readonly regression: Other };
const golden: Golden = JSON.parse(readFileSync(new URL('./golden/bootstrap.json', import.meta.url), 'utf8'));
const metrics = ['macroF1', 'accuracy', 'auc', 'spauc', 'logLoss'] as const;

const labelsOf = (rows: Answers['logits']) => rows[0]!.map((_, i) => `label ${i}`);
const answersAs = (activation: 'softmax' | 'sigmoid' | 'none', logits: Answers['logits'], targets: Answers['targets']): Answers =>
  answersOf(
    { labels: labelsOf(logits), activation, temperature: 1 },
    logits.map((row, i) => ({ text: `text ${i}`, target: [...targets[i]!], logits: [...row] })),
  );
const answers = (logits: Answers['logits'], truth: readonly number[]): Answers =>
  answersAs('softmax', logits, truth.map((of) => labelsOf(logits).map((_, label) => (label === of ? 1 : 0)))); // biome-ignore format: short

describe.each(Object.entries(golden['single-label']))('%s', (_name, { truth, runs, counted, intervals }) => {
  const [a, b] = runs.map((logits) => answers(logits, truth)) as [Answers, Answers];

  test.each(metrics)('%s of drawn texts is that of scikit-learn', (metric) => {
    for (const { counts, figures } of counted)
      [a, b].forEach((run, i) => {
        expect(resampledMetric(run, metric)(counts)).toBeCloseTo(figures[i]![metric]!, 12);
      });
  });

  test.each(metrics)('%s with every text once is that of the report', (metric) => {
    expect(bootstrap([a], metric, { samples: 1 }).value).toBeCloseTo(metricValue(figuresOf(a), metric)!, 12);
  });

  test.each(['macroF1', 'accuracy'] as const)('%s: intervals and p are those of numpy, up to the chance of the draws', (metric) => {
    const [expected, samples] = [intervals[metric]!, 40_000];
    const near = (value: number | null, wanted: number) => expect(Math.abs(value! - wanted)).toBeLessThan(1.01 / truth.length); // one text
    const single = bootstrap([a], metric, { samples });
    near(single.low, expected.single[0]);
    near(single.high, expected.single[1]);
    const paired = pairedBootstrap([a], [b], metric, { samples });
    near(paired.low, expected.difference[0]);
    near(paired.high, expected.difference[1]);
    expect(Math.abs(paired.p - 2 * expected.notBetter)).toBeLessThan(0.012); // three deviations of two times 40,000 draws
  });
});

describe('a paired difference', () => {
  const { truth, runs } = golden['single-label']['two labels']!;
  const [a, b] = runs.map((logits) => answers(logits, truth)) as [Answers, Answers];
  const few = { samples: 500 };
  const accuracyOf = (run: Answers) => metricValue(figuresOf(run), 'accuracy')!;

  test('is the same each time, another with another seed, and turned round with its sides', () => {
    const there = pairedBootstrap([a], [b], 'macroF1', few);
    expect(pairedBootstrap([a], [b], 'macroF1', few)).toEqual(there);
    expect(pairedBootstrap([a], [b], 'macroF1', { ...few, seed: 2 })).not.toEqual(there);
    const back = pairedBootstrap([b], [a], 'macroF1', few);
    expect(back.difference).toBeCloseTo(-there.difference, 12);
    expect(back.low).toBeCloseTo(-there.high!, 12);
    expect(back.p).toBe(there.p);
  });

  test('of a run and itself is nothing, and cannot be told apart', () => {
    expect(pairedBootstrap([a], [a], 'auc', few)).toEqual({ difference: 0, low: 0, high: 0, p: 1 });
  });

  test('is narrower than that of runs that have nothing to do with each other', () => {
    const width = ({ low, high }: { low: number | null; high: number | null }) => high! - low!;
    const apart = Math.hypot(width(bootstrap([a], 'accuracy', few)), width(bootstrap([b], 'accuracy', few)));
    expect(width(pairedBootstrap([a], [b], 'accuracy', few))).toBeLessThan(apart);
  });

  test('of several seeds is the difference of their means, and wider than that of one where the seeds differ', () => {
    const all = pairedBootstrap([a, b], [a], 'accuracy', few);
    expect(all.difference).toBeCloseTo((accuracyOf(a) - accuracyOf(b)) / 2, 12);
    const [one, two] = [bootstrap([a], 'accuracy', few), bootstrap([a, b], 'accuracy', few)];
    expect(two.high! - two.low!).toBeGreaterThan(one.high! - one.low!);
  });
});

test('a figure that is not defined in any draw has no interval', () => {
  const one = answers([[1, 0], [0, 1]], [0, 0]); // biome-ignore format: two rows
  expect(bootstrap([one], 'auc', { samples: 20 })).toEqual({ value: Number.NaN, low: null, high: null });
});

test('a figure that has no intervals is refused with those that have', () => {
  expect(() => bootstrap([answers([[1, 0]], [0])], 'toString')).toThrow(/metric toString: .*use one of macroF1, accuracy/);
});

test('parts that were asked different texts: the mean of their figures, whatever scale each scores on', () => {
  const { truth, runs } = golden['single-label']['two labels']!;
  const half = (from: number, to: number, scale: number) =>
    answers(runs[0]!.slice(from, to).map(([a, b]) => [a! * scale, b! * scale]), truth.slice(from, to)); // biome-ignore format: short
  const of = (scale: number) => bootstrapParts([half(0, 75, 1 / scale), half(75, 150, scale)], 'auc', { samples: 2000 });
  const each = [half(0, 75, 1), half(75, 150, 1)].map((part) => bootstrap([part], 'auc', { samples: 2000 }));
  const auc = of(8);
  expect(auc.value).toBeCloseTo((each[0]!.value + each[1]!.value) / 2, 12);
  expect(auc).toEqual(of(1));
  // Two independent halves: the width of a mean is half the root of the sum of squares.
  const width = ({ low, high }: typeof auc) => high! - low!;
  expect(width(auc) / (Math.hypot(width(each[0]!), width(each[1]!)) / 2)).toBeCloseTo(1, 1);
});

describe.each([
  ['multi-label', 'sigmoid'],
  ['regression', 'none'],
] as const)('%s', (task, activation) => {
  const { counted, logits, targets } = golden[task];
  const run = answersAs(activation, logits, targets);

  test.each(Object.keys(counted[0]!.figures) as MetricName[])('%s of drawn texts is that of scikit-learn or SciPy', (metric) => {
    for (const { counts, figures } of counted) expect(resampledMetric(run, metric)(counts)).toBeCloseTo(figures[metric]!, 11);
    expect(bootstrap([run], metric, { samples: 1 }).value).toBeCloseTo(metricValue(figuresOf(run), metric)!, 11);
  });
});

test('multi-label: a label is given from its own threshold on, and its figures are those of the report', () => {
  const { logits, targets } = golden['multi-label'];
  const rules = {
    labels: labelsOf(logits),
    activation: 'sigmoid',
    temperature: 2,
    thresholds: { 'label 0': 0.9, 'label 3': 0.1 },
  } as const;
  const run = answersOf({ ...rules, labels: [...rules.labels] }, logits.map((row, i) => ({ text: '', target: [...targets[i]!], logits: [...row] }))); // biome-ignore format: short
  const { macroF1, microF1, accuracy } = computeMetrics({ ...rules, task: 'multi-label', logits, targets });
  for (const [metric, value] of Object.entries({ macroF1, microF1, accuracy }))
    expect(bootstrap([run], metric, { samples: 1 }).value).toBeCloseTo(value!, 12);
  expect(macroF1).not.toBeCloseTo(bootstrap([answersAs('sigmoid', logits, targets)], 'macroF1', { samples: 1 }).value, 2);
});

test('correlation with equal values is not defined', () => {
  const run = answersAs('none', [[0.1], [0.1], [0.1]], [[1], [2], [3]]);
  for (const metric of ['pearson', 'spearman']) expect(resampledMetric(run, metric)([1, 2, 3])).toBeNaN();
});
