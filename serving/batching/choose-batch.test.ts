import { expect, test } from 'vitest';
import { type BatchLimits, chooseBatch, type Waiting } from './choose-batch.js';

const limits: BatchLimits = { texts: 8, tokens: 200, overheadTokens: 10 };
const wait = (tokens: number, payload = '', extra: Partial<Waiting<string>> = {}): Waiting<string> => ({
  lane: 'm',
  tokens,
  arrived: 0,
  deadline: 1e9,
  alone: false,
  payload,
  ...extra,
});
const lengths = (batch: readonly Waiting<string>[]): readonly number[] => batch.map(({ tokens }) => tokens);

test('the oldest text is always in the batch, whatever its length', () => {
  expect(lengths(chooseBatch([wait(150), wait(5), wait(5), wait(5)], limits))).toEqual([150]);
  expect(lengths(chooseBatch([wait(5_000), wait(5)], limits))).toEqual([5_000]);
});

test('texts of like length run together, unlike ones wait', () => {
  expect(lengths(chooseBatch([wait(10), wait(60), wait(11), wait(9), wait(64)], limits))).toEqual([10, 11, 9]);
});

test('the padded size stays within the budget', () => {
  const batch = chooseBatch(
    Array.from({ length: 20 }, () => wait(60)),
    limits,
  );
  expect(batch).toHaveLength(3);
});

test('no more texts than the limit, nor than the share of one worker', () => {
  const waiting = Array.from({ length: 20 }, () => wait(5));
  expect(chooseBatch(waiting, limits)).toHaveLength(8);
  expect(chooseBatch(waiting, limits, 5)).toHaveLength(5);
});

test('texts of different models never share a batch', () => {
  const batch = chooseBatch([wait(10, 'a'), wait(10, 'b', { lane: 'other' }), wait(10, 'c')], limits);
  expect(batch.map(({ payload }) => payload)).toEqual(['a', 'c']);
});

test('a text that must run alone does, and joins nobody', () => {
  const alone = wait(10, 'a', { alone: true });
  expect(chooseBatch([alone, wait(10)], limits)).toEqual([alone]);
  expect(chooseBatch([wait(10, 'b'), alone], limits).map(({ payload }) => payload)).toEqual(['b']);
});

test('nothing waits, nothing runs', () => expect(chooseBatch([], limits)).toEqual([]));
