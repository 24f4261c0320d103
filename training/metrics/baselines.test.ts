import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadDataset } from '../data/dataset.js';
import { createRandom } from '../data/random.js';
import { computeBaselines } from './baselines.js';
import { addRow, score, trainLinearSvm } from './linear-svm.js';
import { trainRidge } from './ridge.js';
import { fitTfIdf } from './tf-idf.js';

const random = createRandom(9);
const asText = (text: string) => ({ text });
const words = ['harbour', 'budget', 'storm', 'vote', 'bridge', 'school', 'market', 'river'];
const markers = [['amazing', 'unbelievable', 'hilarious'], ['minister', 'parliament', 'ruling'], ['goal', 'penalty', 'referee']]; // biome-ignore format: by label
const made = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const label = i % 3;
    const text = random.shuffle([...random.shuffle(words).slice(0, 4), markers[label]![random.below(3)]!]).join(' ');
    const shown = label === 2 && i % 2 === 0 ? 0 : label;
    return { text, target: [0, 1, 2].map((of) => (of === shown ? 1 : 0)) };
  });
const data = { task: 'single-label' as const, labels: ['a', 'b', 'c'], splits: { train: made(300), val: made(120) } };

test('both baselines are measured on val, the same each time', async () => {
  const once = await computeBaselines(data);
  expect(once.constant).toEqual({ says: '“a”', figures: { accuracy: 0.5, macroF1: 2 / 9 } });
  expect(once.tfIdf.figures.accuracy).toBeGreaterThan(0.8);
  expect(once.tfIdf.trainedOn).toBe(300);
  expect(await computeBaselines(data)).toEqual(once);
});

test('a large train split is sampled', async () => {
  expect((await computeBaselines(data, 60)).tfIdf.trainedOn).toBe(60);
});

test('several labels: each against the rest, beside the labels that most texts have', async () => {
  const change = ({ text, target }: (typeof data.splits.train)[number]) => ({ text, target: [target[0]! + target[1]!, target[2]!] });
  const splits = { train: data.splits.train.map(change), val: data.splits.val.map(change) };
  const { constant, tfIdf } = await computeBaselines({ task: 'multi-label', labels: ['prose', 'sport'], splits });
  expect(constant).toEqual({ says: '“prose”', figures: { macroF1: expect.any(Number), microF1: expect.closeTo(5 / 6, 12), accuracy: expect.closeTo(5 / 6, 12) } }); // biome-ignore format: one line
  expect(tfIdf.figures.macroF1).toBeGreaterThan(constant.figures.macroF1! + 0.2);
});

test('values: ridge regression beside the mean, which correlates with nothing', async () => {
  const valued = (count: number) => made(count).map(({ text, target }) => ({ text, target: [20 + 4 * target[1]! - 6 * target[2]!] }));
  const { constant, tfIdf } = await computeBaselines({
    task: 'regression',
    labels: ['value'],
    splits: { train: valued(300), val: valued(120) },
  });
  expect(constant).toMatchObject({ says: expect.stringMatching(/^the mean, 20\.3/), figures: { pearson: null, spearman: null } });
  expect(tfIdf.figures.pearson).toBeGreaterThan(0.8);
  expect(tfIdf.figures.mse).toBeLessThan(constant.figures.mse! / 2);
});

test('rows of words and rows of letters have length 1 each; unknown features are left out', () => {
  const { starts, values } = fitTfIdf(['one two', 'two three'].map(asText))(['one two three', 'öäü'].map(asText));
  expect(values.slice(0, starts[1]).reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(2, 5);
  expect(starts[2]).toBe(starts[1]);
});

test('a script without spaces is read in runs of characters, not as one long word', () => {
  const fit = fitTfIdf(['今天下雨', '明天出太阳', 'rain today'].map(asText));
  const shared = (a: string, b: string) => {
    const { starts, columns } = fit([a, b].map(asText));
    const first = new Set(columns.slice(0, starts[1]));
    return columns.slice(starts[1]).filter((column) => first.has(column)).length;
  };
  expect(shared('今天下雨', '大雨')).toBe(1); // 雨
  expect(shared('今天下雨', '明天下雨')).toBe(1 + 3 + 2); // the pair 天下 was never seen, 今天下 and 天下雨 only in the first
  expect(shared('今天下雨', '雨 rain')).toBe(1);
});

test('of a pair it counts what both have and what one has, whichever comes first', () => {
  const rows = fitTfIdf([{ text: 'how to pay', pair: 'how to borrow' }, { text: 'pay', pair: 'pay back' }]); // biome-ignore format: two pairs
  const of = (text: string, pair: string) => {
    const { columns, values } = rows([{ text, pair }]);
    return [...columns].map((column, i) => [column, values[i]!] as const).sort(([a], [b]) => a - b);
  };
  expect(of('how to pay', 'how to borrow')).toEqual(of('how to borrow', 'how to pay'));
  expect(of('how to', 'how to')).not.toEqual(of('how to', 'borrow'));
});

test.each([false, true])('the linear machine reaches the optimum: its gradient vanishes (balanced: %s)', (balanced) => {
  const texts = made(60);
  const rows = fitTfIdf(texts)(texts);
  const positive = texts.map((_, i) => i % 3 === 0);
  const columns = 2 ** 21;
  const weights = trainLinearSvm(rows, columns, positive, { tolerance: 1e-7, passes: 1000, balanced });
  // d/dw of ½|w|² + Σ C max(0, 1 - y w·x)²; balanced, C is the share that makes both classes weigh the same
  const gradient = Float64Array.from(weights);
  positive.forEach((is, row) => {
    const y = is ? 1 : -1;
    const penalty = balanced ? 60 / (2 * (is ? 20 : 40)) : 1;
    const slack = penalty * Math.max(0, 1 - y * score(weights, rows, row));
    for (let i = rows.starts[row]!; i < rows.starts[row + 1]!; i++) gradient[rows.columns[i]!]! -= 2 * slack * y * rows.values[i]!;
    gradient[columns]! -= 2 * slack * y;
  });
  const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeLessThan(1e-4);
});

test('ridge regression reaches the optimum: its gradient vanishes', () => {
  const texts = made(60);
  const rows = fitTfIdf(texts)(texts);
  const values = texts.map((_, i) => Math.sin(i));
  const weights = trainRidge(rows, 2 ** 21, values, { tolerance: 1e-9, passes: 1000, penalty: 0.5 });
  // d/dw of |values - X·w|² + penalty·|w|², halved
  const gradient = weights.map((weight) => 0.5 * weight);
  for (const [row, value] of values.entries()) addRow(gradient, rows, row, score(weights, rows, row) - value);
  expect(gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeLessThan(1e-6);
});

const covid = new URL('../../../shared/data/covid-en/', import.meta.url).pathname;
const rumour = new URL('../../../shared/data/rumour-zh/', import.meta.url).pathname;
describe.skipIf(!existsSync(rumour))('on rumour-zh, which must lie beside the project', () => {
  test('without words to split at, TF-IDF is no worse than scikit-learn, which has .582', async () => {
    const dataset = await loadDataset({ train: `${rumour}train.jsonl.gz`, val: `${rumour}val.jsonl.gz` });
    expect((await computeBaselines(dataset)).tfIdf.figures.macroF1).toBeGreaterThan(0.6);
  });
});

describe.skipIf(!existsSync(covid))('on covid-en, which must lie beside the project', () => {
  test('TF-IDF reaches the macro F1 of .961 that scikit-learn has', async () => {
    const dataset = await loadDataset({ train: `${covid}train.jsonl.gz`, val: `${covid}val.jsonl.gz` });
    const { constant, tfIdf } = await computeBaselines(dataset);
    expect(tfIdf.figures.macroF1).toBeGreaterThan(0.961);
    expect(constant.figures.accuracy).toBeCloseTo(0.523, 3);
  });
});
