import { expect, test } from 'vitest';
import { packByLength } from './pack-by-length.js';

const lengths = Array.from({ length: 200 }, (_, i) => 1 + ((i * 7919) % 97));

test('every row once, within the token budget and the batch size, unless it is alone', () => {
  const batches = packByLength(lengths, { tokens: 256, texts: 16 });
  expect(batches.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
  for (const batch of batches) {
    const longest = Math.max(...batch.map((row) => lengths[row]!));
    expect(batch.length).toBeLessThanOrEqual(16);
    expect(batch.length === 1 || longest * batch.length <= 256).toBe(true);
  }
  expect(packByLength([1000, 900], { tokens: 256, texts: 16 })).toEqual([[0], [1]]);
  expect(packByLength([], { tokens: 256, texts: 16 })).toEqual([]);
});

/** All ways to cut `count` rows into runs. */
function cuts(count: number): number[][] {
  if (count === 0) return [[]];
  return Array.from({ length: count }, (_, i) => cuts(count - i - 1).map((rest) => [i + 1, ...rest])).flat();
}

test.each([0, 1, 16, 100])('no other cut of the rows by length costs less, where a batch starts for %i tokens', (overheadTokens) => {
  for (let from = 0; from < 60; from += 6) {
    const some = lengths.slice(from, from + 8);
    const sorted = [...some].sort((a, b) => b - a);
    const costs = cuts(some.length).flatMap((sizes) => {
      let [at, cost] = [0, 0];
      for (const size of sizes) {
        const padded = sorted[at]! * size;
        if (size > 5 || (size > 1 && padded > 256)) return [];
        cost += overheadTokens + padded;
        at += size;
      }
      return [cost];
    });
    const batches = packByLength(some, { tokens: 256, texts: 5, overheadTokens });
    const cost = batches.reduce((sum, rows) => sum + overheadTokens + Math.max(...rows.map((row) => some[row]!)) * rows.length, 0);
    expect(cost).toBe(Math.min(...costs));
  }
});

test('one long text does not make short ones long, and short ones share a batch', () => {
  expect(packByLength([10, 120, 11, 9], { tokens: 1024, texts: 32 })).toEqual([[1], [2, 0, 3]]);
});

test('where starting a batch is dear, padding is worth while', () => {
  expect(packByLength([10, 120, 11, 9], { tokens: 1024, texts: 32, overheadTokens: 1000 })).toEqual([[1, 2, 0, 3]]);
});
