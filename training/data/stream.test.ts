import { expect, test } from 'vitest';
import { batchesOf, endlessBatches, secondBatchSize } from './stream.js';

test('one and a half unlabelled texts to a labelled one: 24 beside 16, and 42,511 of them are 1,772 steps', () => {
  expect(secondBatchSize(16, 1.5)).toBe(24);
  expect(batchesOf(42_511, secondBatchSize(16, 1.5))).toBe(1772);
  expect(batchesOf(7722, 16)).toBe(483);
  expect(secondBatchSize(1, 0.5)).toBe(1);
});

const plan = { lengths: Array.from({ length: 50 }, (_, i) => 3 + (i % 7)), batchSize: 8, bucketMultiplier: 2, seed: 5 };

test('each pass has every example once, in another order than the last', () => {
  const batch = endlessBatches(plan);
  const pass = (number: number) => Array.from({ length: 7 }, (_, i) => batch(number * 7 + i)).flat();
  for (const number of [0, 1, 2]) expect([...pass(number)].sort((a, b) => a - b)).toEqual(plan.lengths.map((_, i) => i));
  expect(pass(1)).not.toEqual(pass(0));
});

test('a place has the same batch, wherever the stream was taken up', () => {
  const through = endlessBatches(plan);
  const seen = Array.from({ length: 40 }, (_, at) => through(at));
  for (const at of [39, 8, 0, 21]) expect(endlessBatches(plan)(at)).toEqual(seen[at]);
  expect(endlessBatches({ ...plan, seed: 6 })(8)).not.toEqual(seen[8]);
});
