import { expect, test } from 'vitest';
import { fitThreshold, type ThresholdWish } from './fit-threshold.js';

/** Scores with whether the text has the label. */
const rows: readonly (readonly [number, boolean])[] = [
  [0.95, true],
  [0.9, true],
  [0.8, false],
  [0.7, true],
  [0.6, true],
  [0.4, false],
  [0.3, true],
  [0.2, false],
  [0.1, false],
];
const fit = (wish: ThresholdWish, given = rows, floor: number | undefined = 0) =>
  fitThreshold(given.map(([score]) => score), given.map(([, has]) => has), wish, floor); // biome-ignore format: one line

test('a precision takes the lowest threshold that has it, even where a higher one has not', () => {
  expect(fit({ precision: 0.8, support: 1 })).toEqual({ reached: true, at: 0.5, held: 5, right: 4, positives: 5 });
  expect(fit({ precision: 1, support: 1 })).toEqual({ reached: true, at: 0.85, held: 2, right: 2, positives: 5 });
});

test('a recall takes the highest threshold that has it', () => {
  expect(fit({ recall: 0.8 })).toEqual({ reached: true, at: 0.5, held: 5, right: 4, positives: 5 });
  expect(fit({ recall: 1 })).toEqual({ reached: true, at: 0.25, held: 7, right: 5, positives: 5 });
});

test('what cannot be reached says what can', () => {
  expect(fit({ precision: 0.9, support: 4 })).toEqual({ reached: false, positives: 5, best: { at: 0.5, held: 5, right: 4, positives: 5 } });
  expect(fit({ precision: 0.5, support: 10 })).toEqual({ reached: false, positives: 5, best: undefined });
  const never = rows.map(([score]) => [score, false] as const);
  expect(fit({ recall: 0.5 }, never)).toEqual({ reached: false, positives: 0, best: undefined });
  expect(fit({ recall: 0.5 }, [])).toEqual({ reached: false, positives: 0, best: undefined });
});

test('values below zero are no worse: without a floor the lowest threshold is the lowest value', () => {
  const low = rows.map(([score, has]) => [score - 5, has] as const);
  expect(fit({ recall: 1 }, low, undefined)).toMatchObject({ at: -4.75 });
  expect(fitThreshold([-3, -2], [true, true], { recall: 1 })).toMatchObject({ reached: true, at: -3, held: 2 });
  expect(fitThreshold([0.2], [true], { recall: 1 }, 0)).toMatchObject({ at: 0.1 });
});
