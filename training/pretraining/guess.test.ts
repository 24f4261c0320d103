import { expect, test } from 'vitest';
import { frequencyGuess } from './guess.js';

test('one who only counts: token 1 comes in 3 of 6 counts, one added to each of 3', () => {
  const { loss, accuracy } = frequencyGuess([[1, 1], [2]], [[1, 2], [0]], 3);
  expect(loss).toBeCloseTo(-(Math.log(3 / 6) + Math.log(2 / 6) + Math.log(1 / 6)) / 3, 12);
  expect(accuracy).toBeCloseTo(1 / 3, 12);
});
