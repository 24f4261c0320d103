/** @file The numbers of scikit-learn and SciPy, made by `golden/make.py`. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Task } from '../data/example.js';
import { comparedFigures, metricsOfTask, metricValue, selectionValue } from './metric-names.js';
import { computeMetrics } from './metrics.js';
import { precisionRecallCurve } from './ranking.js';

const read = <T>(name: string): [string, T][] =>
  Object.entries(JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), 'utf8')) as Record<string, T>);

type PerLabel = Record<'precision' | 'recall' | 'f1' | 'support', number[]>;
type Shared = { logits: number[][] } & Record<'macroF1' | 'macroPrecision' | 'macroRecall' | 'accuracy' | 'auc' | 'spauc' | 'ece' | 'logLoss', number>; // biome-ignore format: one line
const shared = ['macroF1', 'macroPrecision', 'macroRecall', 'accuracy', 'auc', 'spauc', 'ece', 'logLoss'] as const;

const name = (logits: readonly (readonly number[])[]) => (logits[0] ?? [0, 0]).map((_, i) => `label ${i}`);
const oneHot = (labels: number, truth: readonly number[]) =>
  truth.map((label) => Array.from({ length: labels }, (_, i) => (i === label ? 1 : 0)));
const single = (logits: number[][], truth: readonly number[]) =>
  computeMetrics({ task: 'single-label', labels: name(logits), temperature: 1, logits, targets: oneHot(logits[0]!.length, truth) });

describe.each(read<Shared & PerLabel & { truth: number[]; confusion: number[][]; averagePrecision: number }>('metrics'))(
  'single-label, %s',
  (_name, expected) => {
    const metrics = single(expected.logits, expected.truth);

    test.each(shared)('%s is that of scikit-learn', (figure) => {
      expect(metrics[figure]).toBeCloseTo(expected[figure], 12);
    });

    test('precision, recall, F1 and support of each label are those of scikit-learn', () => {
      Object.values(metrics.perClass).forEach((label, i) => {
        for (const figure of ['precision', 'recall', 'f1', 'support'] as const) expect(label[figure]).toBeCloseTo(expected[figure][i]!, 12);
      });
      expect(metrics.confusion).toEqual(expected.confusion);
    });

    test('the precision-recall curve has the average precision of scikit-learn', () => {
      const curve = precisionRecallCurve(
        metrics.confusion.length === 2 ? expected.logits.map((row) => row[1]! - row[0]!) : expected.logits.map(softmaxOfSecond),
        expected.truth.map((label) => label === 1),
      )!;
      const averagePrecision = curve.reduce((sum, { x, y }, i) => sum + y * (x - (curve[i - 1]?.x ?? 0)), 0);
      expect(averagePrecision).toBeCloseTo(expected.averagePrecision, 12);
    });
  },
);

describe.each(read<Shared & PerLabel & { targets: number[][]; thresholds: number[]; microF1: number }>('multi-label'))(
  'multi-label, %s',
  (_name, { logits, targets, ...expected }) => {
    const labels = name(logits);
    const thresholds = Object.fromEntries(labels.map((label, i) => [label, expected.thresholds[i]!]));
    const metrics = computeMetrics({ task: 'multi-label', labels, temperature: 1, thresholds, logits, targets });

    test.each([...shared, 'microF1'] as const)('%s is that of scikit-learn', (figure) => {
      expect(metrics[figure]).toBeCloseTo(expected[figure], 12);
    });

    test('precision, recall, F1 and support of each label are those of scikit-learn', () => {
      Object.values(metrics.perClass).forEach((label, i) => {
        for (const figure of ['precision', 'recall', 'f1', 'support'] as const) expect(label[figure]).toBeCloseTo(expected[figure][i]!, 12);
        expect(label.threshold).toBe(expected.thresholds[i]);
      });
    });
  },
);

describe.each(
  read<{ logits: number[][]; targets: number[][]; each: Record<'pearson' | 'spearman' | 'mse' | 'mae', number>[] }>('regression'),
)('regression, %s', (_name, { logits, targets, each }) => {
  const metrics = computeMetrics({ task: 'regression', labels: name(logits), temperature: 1, logits, targets });

  test.each(['pearson', 'spearman', 'mse', 'mae'] as const)('%s is that of SciPy, of each value and in the mean', (figure) => {
    Object.values(metrics.perValue).forEach((value, i) => {
      expect(value[figure]).toBeCloseTo(each[i]![figure], 12);
    });
    expect(metrics[figure]).toBeCloseTo(each.reduce((sum, value) => sum + value[figure], 0) / each.length, 12);
  });
});

test('the dictionary of ENDEF can be read off: macro and per-label precision, recall and F1, AUC, spAUC, accuracy', () => {
  const { auc, spauc, macroF1, accuracy, macroPrecision, macroRecall, perClass } = single([[2, 0], [0, 1], [1, 0], [0, 3]], [0, 1, 1, 1]); // biome-ignore format: four rows
  const [real, fake] = [perClass['label 0']!, perClass['label 1']!];
  const dictionary = { auc, spauc, metric: macroF1, acc: accuracy, precision: macroPrecision, recall: macroRecall, f1_real: real.f1, f1_fake: fake.f1, precision_real: real.precision, precision_fake: fake.precision, recall_real: real.recall, recall_fake: fake.recall }; // biome-ignore format: a table
  const third = { f1_real: 2 / 3, precision_real: 0.5, recall_real: 1, f1_fake: 0.8, precision_fake: 1, recall_fake: 2 / 3 };
  expect(dictionary).toEqual({ ...third, auc: 1, spauc: 1, metric: expect.closeTo((2 / 3 + 0.8) / 2, 12), acc: 0.75, precision: 0.75, recall: expect.closeTo(5 / 6, 12) }); // biome-ignore format: a table
});

/** Accuracy and F1 of the second class on 4,316 pairs, as scikit-learn printed them, leave one choice of hits and faults. */
test.each([
  [400, 0.646895, 0.368159, 444, 1524],
  [800, 0.648981, 0.374742, 454, 1515],
  [1200, 0.648517, 0.403929, 514, 1517],
  [1600, 0.690222, 0.236436, 207, 1337],
])('a notebook at step %i: accuracy %d and F1 %d of %i hits and %i faults', (_step, accuracy, f1, hits, faults) => {
  const rows = (count: number, answer: number, label: number) => Array.from({ length: count }, () => [answer, label] as const);
  const missed = Math.floor(faults / 2);
  const answers = [...rows(hits, 1, 1), ...rows(missed, 0, 1), ...rows(faults - missed, 1, 0), ...rows(4316 - hits - faults, 0, 0)];
  const logits = answers.map(([answer]) => [1 - answer, answer]);
  const metrics = single(logits, answers.map(([, label]) => label)); // biome-ignore format: one call
  expect(metrics.accuracy).toBeCloseTo(accuracy, 6);
  expect(metrics.perClass['label 1']!.f1).toBeCloseTo(f1, 6);
});

describe('nothing is NaN: what is not defined is null', () => {
  test('one class only', () => {
    const metrics = single([[2, -1, 0], [1, 3, 0]], [0, 0]); // biome-ignore format: two rows
    expect(metrics).toMatchObject({ accuracy: 0.5, auc: null, spauc: null, confusion: [[1, 1, 0], [0, 0, 0], [0, 0, 0]] }); // biome-ignore format: a matrix
    expect(metrics.perClass['label 1']).toEqual({ precision: 0, recall: null, f1: 0, support: 0 });
    expect(metrics.perClass['label 2']).toEqual({ precision: null, recall: null, f1: null, support: 0 });
    expect(metrics.macroF1).toBeCloseTo((2 / 3 + 0) / 2, 12); // a label that does not occur at all does not count
    expect(metrics.macroRecall).toBeCloseTo((1 / 2 + 0) / 2, 12);
  });

  test('several labels, of which one is on every text, one on none and one nowhere', () => {
    const metrics = computeMetrics({
      task: 'multi-label',
      labels: ['all', 'none', 'nowhere', 'some'],
      temperature: 1,
      logits: [[3, 1, -3, 2], [2, -2, -3, -2]], // biome-ignore format: two rows
      targets: [[1, 0, 0, 1], [1, 0, 0, 0]], // biome-ignore format: two rows
    });
    expect(metrics.perClass.all).toMatchObject({ auc: null, f1: 1 });
    expect(metrics.perClass.none).toMatchObject({ auc: null, f1: 0, recall: null, precision: 0 });
    expect(metrics.perClass.nowhere).toMatchObject({ auc: null, f1: null });
    expect(metrics).toMatchObject({ auc: 1, macroF1: 2 / 3, microF1: 6 / 7, accuracy: 0.5 });
  });

  test('constant targets, constant answers', () => {
    const of = (logits: number[][], targets: number[][]) =>
      computeMetrics({ task: 'regression', labels: ['v'], temperature: 1, logits, targets });
    expect(of([[1], [2], [3]], [[0.1], [0.1], [0.1]])).toMatchObject({ pearson: null, spearman: null, mae: expect.closeTo(1.9, 12) });
    expect(of([[0.7], [0.7], [0.7]], [[1], [2], [3]])).toMatchObject({ pearson: null, spearman: null });
  });

  test.each(Object.keys(metricsOfTask) as Task[])('%s without any example', (task) => {
    const metrics = computeMetrics({ task, labels: ['a', 'b'], temperature: 1, logits: [], targets: [] });
    for (const figure of [...metricsOfTask[task], ...comparedFigures[task]]) expect(metricValue(metrics, figure)).toBeNull();
    expect(JSON.stringify(metrics)).not.toMatch(/NaN|Infinity/);
    expect(JSON.parse(JSON.stringify(metrics))).toEqual(metrics);
    expect(selectionValue(metrics, metricsOfTask[task][0])).toBe(0);
  });
});

test('evaluations are ranked by the figure that is asked for, and by macro F1 where one class leaves it undefined', () => {
  const metrics = single([[2, -1], [1, 3]], [0, 0]); // biome-ignore format: two rows
  expect(selectionValue(metrics, 'accuracy')).toBe(0.5);
  expect(selectionValue(metrics, 'auc')).toBe(metrics.macroF1);
});

test('multi-label: the log loss is the mean over labels', () => {
  const expected = (Math.log(1 + Math.exp(-2)) + Math.log(1 + Math.exp(-1))) / 2;
  const metrics = computeMetrics({ task: 'multi-label', labels: ['a', 'b'], temperature: 1, logits: [[2, -1]], targets: [[1, 0]] });
  expect(metrics.logLoss).toBeCloseTo(expected, 12);
});

test('huge logits give finite numbers', () => {
  const { logLoss, auc } = single([[3000, -3000], [3000, -3000.5], [-3000, 3000]], [0, 1, 1]); // biome-ignore format: three rows
  expect(logLoss).toBeCloseTo(6000.5 / 3, 6);
  expect(auc).toBe(0.5);
});

function softmaxOfSecond(logits: readonly number[]): number {
  const powers = logits.map(Math.exp);
  return powers[1]! / powers.reduce((a, b) => a + b, 0);
}
