import { expect, test } from 'vitest';
import { paddingShare, planEpoch } from './batches.js';
import { createRandom } from './random.js';

const random = createRandom(1);
const lengths = Array.from({ length: 1003 }, () => 3 + random.below(60));
const plan = { lengths, batchSize: 16, bucketMultiplier: 8, seed: 1, epoch: 0 };

test('every example comes once; only one batch is short', () => {
  const batches = planEpoch(plan);
  expect(batches.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
  expect(batches.filter((batch) => batch.length !== 16).map((batch) => batch.length)).toEqual([1003 % 16]);
});

test('the same plan gives the same batches; another epoch or seed others', () => {
  expect(planEpoch(plan)).toEqual(planEpoch({ ...plan }));
  expect(planEpoch({ ...plan, epoch: 1 })).not.toEqual(planEpoch(plan));
  expect(planEpoch({ ...plan, seed: 2 })).not.toEqual(planEpoch(plan));
});

test('bucketing by length leaves much less padding than a plain shuffle', () => {
  const plain = paddingShare(planEpoch({ ...plan, bucketMultiplier: 1 }), lengths);
  const bucketed = paddingShare(planEpoch(plan), lengths);
  expect(plain).toBeGreaterThan(0.35);
  expect(bucketed).toBeLessThan(plain / 3);
});

test('batches do not come in order of length', () => {
  const means = planEpoch(plan).map((batch) => batch.reduce((sum, i) => sum + lengths[i]!, 0) / batch.length);
  const rises = means.filter((mean, i) => i > 0 && mean > means[i - 1]!).length;
  expect(rises / means.length).toBeGreaterThan(0.3);
  expect(rises / means.length).toBeLessThan(0.7);
});

test('no examples, no batches', () => {
  expect(planEpoch({ ...plan, lengths: [] })).toEqual([]);
});
