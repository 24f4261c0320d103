import { expect, test } from 'vitest';
import type { Waiting } from './choose-batch.js';
import { createBatchQueue } from './queue.js';

const batchLimits = { texts: 16, tokens: 1_024, overheadTokens: 10 };
const wait = (tokens: number, payload: number, arrived = 0, deadline = 1e9): Waiting<number> => ({
  lane: 'm',
  tokens,
  arrived,
  deadline,
  alone: false,
  payload,
});

test('a request is taken whole or not at all', () => {
  const queue = createBatchQueue<number>({ texts: 3, tokens: 100 }, batchLimits);
  expect(queue.offer([wait(10, 1), wait(10, 2)])).toBe(true);
  expect(queue.offer([wait(10, 3), wait(10, 4)])).toBe(false);
  expect(queue.texts).toBe(2);
  expect(queue.offer([wait(90, 5)])).toBe(false);
  expect(queue.offer([wait(80, 6)])).toBe(true);
  expect(queue.tokens).toBe(100);
});

test('a single request over the token bound is let into an empty queue, for it could never be answered otherwise', () => {
  const queue = createBatchQueue<number>({ texts: 3, tokens: 100 }, batchLimits);
  expect(queue.offer([wait(500, 1)])).toBe(true);
});

test('free workers share what waits', () => {
  const queue = createBatchQueue<number>({ texts: 100, tokens: 1e6 }, batchLimits);
  queue.offer(Array.from({ length: 9 }, (_, i) => wait(10, i)));
  expect(queue.take(3)).toHaveLength(3);
  expect(queue.take(2)).toHaveLength(3);
  expect(queue.take(1)).toHaveLength(3);
  expect(queue.take(1)).toBeUndefined();
  expect([queue.texts, queue.tokens]).toEqual([0, 0]);
});

test('what was put back goes first, alone, even over the bounds', () => {
  const queue = createBatchQueue<number>({ texts: 2, tokens: 100 }, batchLimits);
  queue.offer([wait(10, 1), wait(10, 2)]);
  const failed = queue.take(1)!;
  queue.offer([wait(10, 3), wait(10, 4)]);
  queue.putBack(failed);
  expect(queue.texts).toBe(4);
  expect(queue.take(1)!.map(({ payload }) => payload)).toEqual([1]);
  expect(queue.take(1)!.map(({ payload }) => payload)).toEqual([2]);
  expect(queue.take(1)!.map(({ payload }) => payload)).toEqual([3, 4]);
});

test('expired and removed entries leave, and free their room', () => {
  const queue = createBatchQueue<number>({ texts: 10, tokens: 100 }, batchLimits);
  queue.offer([wait(10, 1, 0, 50), wait(10, 2, 0, 60), wait(10, 3, 0, 70)]);
  expect(queue.expire(55).map(({ payload }) => payload)).toEqual([1]);
  expect(queue.remove((payload) => payload === 3).map(({ payload }) => payload)).toEqual([3]);
  expect([queue.texts, queue.tokens]).toEqual([1, 10]);
});

/** Two workers, a virtual clock, arrivals at `perSecond` with lengths from 5 to 200: what do the callers see? */
function simulate(perSecond: number, seconds: number) {
  let state = 11;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const queue = createBatchQueue<number>({ texts: 512, tokens: 32_768 }, batchLimits);
  const workers = [0, 0];
  const waits: number[] = [];
  let [refused, real, padded, batches] = [0, 0, 0, 0];
  for (let now = 0; now < seconds * 1000 || queue.texts > 0; now++) {
    if (now < seconds * 1000 && random() < perSecond / 1000) {
      const tokens = 5 + Math.floor(random() ** 3 * 195);
      if (!queue.offer([wait(tokens, waits.length, now)])) refused++;
    }
    for (const [i, busyUntil] of workers.entries()) {
      if (busyUntil > now) continue;
      const batch = queue.take(workers.filter((until) => until <= now).length);
      if (!batch) break;
      const size = Math.max(...batch.map(({ tokens }) => tokens)) * batch.length;
      workers[i] = now + 2 + 0.2 * size;
      batches++;
      padded += size;
      real += batch.reduce((sum, { tokens }) => sum + tokens, 0);
      waits.push(...batch.map(({ arrived }) => now - arrived));
    }
  }
  waits.sort((a, b) => a - b);
  return {
    refused,
    p99: waits[Math.floor(waits.length * 0.99)]!,
    waste: padded / real - 1,
    perBatch: waits.length / batches,
    answered: waits.length,
  };
}

test('simulation: a light load hardly waits and is not refused', () => {
  const { refused, p99, waste } = simulate(50, 60);
  expect(refused).toBe(0);
  expect(p99).toBeLessThan(60);
  expect(waste).toBeLessThan(0.1);
});

test('simulation: near capacity the batches grow, padding stays small, no text starves', () => {
  const { refused, p99, waste, perBatch } = simulate(160, 60);
  expect(refused).toBe(0);
  expect(perBatch).toBeGreaterThan(1.5);
  expect(waste).toBeLessThan(0.2);
  expect(p99).toBeLessThan(5_000);
});

test('simulation: overload is refused at the door, and what was accepted is answered within the time the queue holds', () => {
  const { refused, p99, answered } = simulate(900, 30);
  expect(refused).toBeGreaterThan(1_000);
  expect(answered + refused).toBeGreaterThan(20_000);
  expect(p99).toBeLessThan(6_000);
});
