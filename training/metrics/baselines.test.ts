import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadDataset } from '../data/dataset.js';
import { createRandom } from '../data/random.js';
import { computeBaselines } from './baselines.js';
import { score, trainLinearSvm } from './linear-svm.js';
import { fitTfIdf } from './tf-idf.js';

const random = createRandom(9);
const words = ['harbour', 'budget', 'storm', 'vote', 'bridge', 'school', 'market', 'river'];
const markers = [['amazing', 'unbelievable', 'hilarious'], ['minister', 'parliament', 'ruling'], ['goal', 'penalty', 'referee']]; // biome-ignore format: by label
const made = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const label = i % 3;
    const text = random.shuffle([...random.shuffle(words).slice(0, 4), markers[label]![random.below(3)]!]).join(' ');
    const shown = label === 2 && i % 2 === 0 ? 0 : label;
    return { text, target: [0, 1, 2].map((of) => (of === shown ? 1 : 0)) };
  });
const data = { labels: ['a', 'b', 'c'], splits: { train: made(300), val: made(120) } };

test('both baselines are measured on val, the same each time', async () => {
  const once = await computeBaselines(data);
  expect(once.majority).toEqual({ label: 'a', accuracy: 0.5, macroF1: 2 / 9 });
  expect(once.tfIdf.accuracy).toBeGreaterThan(0.8);
  expect(once.tfIdf.trainedOn).toBe(300);
  expect(await computeBaselines(data)).toEqual(once);
});

test('a large train split is sampled', async () => {
  expect((await computeBaselines(data, 60)).tfIdf.trainedOn).toBe(60);
});

test('rows of words and rows of letters have length 1 each; unknown features are left out', () => {
  const { starts, values } = fitTfIdf(['one two', 'two three'])(['one two three', 'öäü']);
  expect(values.slice(0, starts[1]).reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(2, 5);
  expect(starts[2]).toBe(starts[1]);
});

test('the linear machine reaches the optimum: its gradient vanishes', () => {
  const texts = made(60).map(({ text }) => text);
  const rows = fitTfIdf(texts)(texts);
  const positive = texts.map((_, i) => i % 3 === 0);
  const columns = 2 ** 21;
  const weights = trainLinearSvm(rows, columns, positive, { tolerance: 1e-7, passes: 1000 });
  // d/dw of ½|w|² + C Σ max(0, 1 - y w·x)²
  const gradient = Float64Array.from(weights);
  positive.forEach((is, row) => {
    const y = is ? 1 : -1;
    const slack = Math.max(0, 1 - y * score(weights, rows, row));
    for (let i = rows.starts[row]!; i < rows.starts[row + 1]!; i++) gradient[rows.columns[i]!]! -= 2 * slack * y * rows.values[i]!;
    gradient[columns]! -= 2 * slack * y;
  });
  const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeLessThan(1e-4);
});

const covid = new URL('../../../shared/data/covid-en/', import.meta.url).pathname;
describe.skipIf(!existsSync(covid))('on covid-en, which must lie beside the project', () => {
  test('TF-IDF comes near its published macro F1 of .961', async () => {
    const dataset = await loadDataset({ train: `${covid}train.jsonl.gz`, val: `${covid}val.jsonl.gz` });
    const { majority, tfIdf } = await computeBaselines(dataset);
    expect(tfIdf.macroF1).toBeGreaterThan(0.955);
    expect(majority.accuracy).toBeCloseTo(0.523, 3);
  });
});
