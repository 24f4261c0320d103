import { expect, test } from 'vitest';
import { createRandom } from './random.js';

test('the same seeds give the same numbers, for ever', () => {
  const random = createRandom(42, 3);
  const numbers = Array.from({ length: 4 }, () => Math.round(random.next() * 2 ** 32));
  expect(numbers).toEqual([2885232477, 3790472248, 3273243197, 3846532211]);
});

test('each seed has its own stream', () => {
  const first = (...seeds: number[]) => createRandom(...seeds).next();
  const values = [first(1), first(2), first(1, 0), first(1, 1), first(0, 1), first(2 ** 33 + 1), first(-1)];
  expect(new Set(values).size).toBe(values.length);
});

test('numbers are spread evenly', () => {
  const random = createRandom(7);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) counts[random.below(10)]! += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test('shuffling keeps every value and favours no place', () => {
  const random = createRandom(5);
  const firsts = new Array<number>(5).fill(0);
  for (let i = 0; i < 20_000; i++) {
    const shuffled = random.shuffle([0, 1, 2, 3, 4]);
    expect([...shuffled].sort()).toEqual([0, 1, 2, 3, 4]);
    firsts[shuffled[0]!]! += 1;
  }
  for (const count of firsts) expect(Math.abs(count - 4000)).toBeLessThan(300);
});
