import { expect, test } from 'vitest';
import { answersOf } from './answers.js';

const rules = { labels: ['a', 'b'], temperature: 2 };

test('one label: the margin is the log-odds to the next, and the label is the answer', () => {
  const answers = answersOf({ ...rules, activation: 'softmax' }, []);
  expect(answers.margin([3, 1], [1, 0])).toBe(1);
  expect(answers.margin([3, 1], [0, 1])).toBe(-1);
  expect(answers.same([3, 1], [1.1, 1])).toBe(true);
  expect(answers.same([3, 1], [1, 1.1])).toBe(false);
});

test('several labels: each is held to its own threshold', () => {
  const answers = answersOf({ ...rules, activation: 'sigmoid', thresholds: { b: 0.9 } }, []); // b from a logit of 2·ln 9 on
  expect(answers.margin([1, 4], [1, 0])).toBeCloseTo(Math.min(0.5, Math.log(9) - 2), 6);
  expect(answers.margin([1, 4], [1, 1])).toBeCloseTo(2 - Math.log(9), 6);
  expect(answers.same([1, 4], [5, -4])).toBe(true);
  expect(answers.same([1, 4], [1, 5])).toBe(false);
});

test('values: right is within half a deviation of what texts are given', () => {
  const answers = answersOf({ ...rules, activation: 'none' }, [[0, 0], [4, 40], [0, 0], [4, 40]]); // biome-ignore format: rows
  expect(answers.margin([1, 5], [1, 5])).toBe(1);
  expect(answers.margin([1, 10], [1, 5])).toBeCloseTo(0.5, 6);
  expect(answers.margin([3, 5], [1, 5])).toBeLessThan(0);
  expect(answers.same([1, 5], [1.5, 9])).toBe(true);
  expect(answers.same([1, 5], [1, 16])).toBe(false);
});
