/** @file The numbers of scikit-learn, made by `golden/make.py`. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { computeMetrics } from './metrics.js';
import { precisionRecallCurve } from './ranking.js';

const golden: Record<string, Golden> = JSON.parse(readFileSync(new URL('./golden/metrics.json', import.meta.url), 'utf8'));
type Golden = { logits: number[][]; truth: number[]; confusion: number[][] } & Record<'precision' | 'recall' | 'f1' | 'support', number[]> &
  Record<'macroF1' | 'accuracy' | 'auc' | 'spauc' | 'ece' | 'logLoss' | 'averagePrecision', number>;

const metricsOf = (
  logits: readonly (readonly number[])[],
  truth: readonly number[],
  activation: 'softmax' | 'sigmoid' | 'none' = 'softmax',
) => computeMetrics({ labels: Array.from(logits[0]!, (_, i) => `label ${i}`), activation, temperature: 1, logits, truth });

describe.each(Object.entries(golden))('%s', (_name, expected) => {
  const metrics = metricsOf(expected.logits, expected.truth);

  test.each(['macroF1', 'accuracy', 'auc', 'spauc', 'ece', 'logLoss'] as const)('%s is that of scikit-learn', (name) => {
    expect(metrics[name]).toBeCloseTo(expected[name], 12);
  });

  test('precision, recall, F1 and support of each label are those of scikit-learn', () => {
    Object.values(metrics.perClass).forEach((label, i) => {
      for (const name of ['precision', 'recall', 'f1', 'support'] as const) expect(label[name]).toBeCloseTo(expected[name][i]!, 12);
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
});

test('with one class only, nothing is NaN: what is not defined is null', () => {
  const metrics = metricsOf([[2, -1, 0], [1, 3, 0]], [0, 0]); // biome-ignore format: two rows
  expect(metrics).toMatchObject({ accuracy: 0.5, auc: null, spauc: null, confusion: [[1, 1, 0], [0, 0, 0], [0, 0, 0]] }); // biome-ignore format: a matrix
  expect(metrics.perClass['label 1']).toEqual({ precision: 0, recall: null, f1: 0, support: 0 });
  expect(metrics.perClass['label 2']).toEqual({ precision: null, recall: null, f1: null, support: 0 });
  expect(metrics.macroF1).toBeCloseTo((2 / 3 + 0) / 2, 12); // a label that does not occur at all does not count
  expect(JSON.stringify(metrics)).not.toContain('NaN');
});

test('without an activation there is no calibration and no likelihood', () => {
  expect(metricsOf([[5, -3], [1, 3]], [0, 1], 'none')).toMatchObject({ accuracy: 1, auc: 1, ece: null, logLoss: null }); // biome-ignore format: two rows
});

test('sigmoid: the log loss is the mean over labels', () => {
  const expected = (Math.log(1 + Math.exp(-2)) + Math.log(1 + Math.exp(-1))) / 2;
  expect(metricsOf([[2, -1]], [0], 'sigmoid').logLoss).toBeCloseTo(expected, 12);
});

test('huge logits give finite numbers', () => {
  const { logLoss, auc } = metricsOf([[3000, -3000], [3000, -3000.5], [-3000, 3000]], [0, 1, 1]); // biome-ignore format: three rows
  expect(logLoss).toBeCloseTo(6000.5 / 3, 6);
  expect(auc).toBe(0.5);
});

function softmaxOfSecond(logits: readonly number[]): number {
  const powers = logits.map(Math.exp);
  return powers[1]! / powers.reduce((a, b) => a + b, 0);
}
