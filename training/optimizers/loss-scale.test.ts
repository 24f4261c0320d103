import { expect, test } from 'vitest';
import { firstLossScale, type LossScale, nextLossScale } from './loss-scale.js';

/** The state after steps that overflow or not. */
const after = (overflows: readonly boolean[], start: LossScale = firstLossScale): LossScale => overflows.reduce(nextLossScale, start);
const good = (steps: number): boolean[] => Array.from({ length: steps }, () => false);

test('it starts at 2^16', () => expect(firstLossScale).toEqual({ scale: 65_536, good: 0 }));

test('an overflow halves it at once', () => {
  expect(after([true])).toEqual({ scale: 32_768, good: 0 });
  expect(after([true, true, true])).toEqual({ scale: 8192, good: 0 });
});

test('2000 good steps double it, an overflow among them begins the count again', () => {
  expect(after(good(1999))).toEqual({ scale: 65_536, good: 1999 });
  expect(after(good(2000))).toEqual({ scale: 131_072, good: 0 });
  expect(after([...good(1999), true, ...good(1999)])).toEqual({ scale: 32_768, good: 1999 });
  expect(after([...good(1999), true, ...good(2000)])).toEqual({ scale: 65_536, good: 0 });
});

test('it never falls below 1, and comes up again from there', () => {
  const bottom = after(Array.from({ length: 40 }, () => true));
  expect(bottom).toEqual({ scale: 1, good: 0 });
  expect(after(good(2000), bottom)).toEqual({ scale: 2, good: 0 });
});
