import { expect, test } from 'vitest';
import { anyReading, averageReadings, inputProblem, readingsOf } from './readings.js';

const pair = ['a', 'b'] as const;

test('as given, everything is read once', () => {
  expect(readingsOf(['x', pair], 'as-given')).toEqual({ inputs: ['x', pair], of: [0, 1] });
});

test('in both orders a pair is read twice, a single text once', () => {
  expect(readingsOf([pair, 'x'], 'both-orders')).toEqual({ inputs: [pair, ['b', 'a'], 'x'], of: [0, 0, 1] });
});

test('logits are averaged over the readings of each text, whichever came first', () => {
  const [one, other] = [Float32Array.of(0.1, 3), Float32Array.of(0.7, -1)];
  const both = averageReadings([one, other, Float32Array.of(5, 6)], [0, 0, 1]);
  expect(both).toEqual([Float32Array.of((Math.fround(0.1) + Math.fround(0.7)) / 2, 1), Float32Array.of(5, 6)]);
  expect(averageReadings([other, one], [0, 0])[0]).toEqual(both[0]);
});

test('a text is cut when one of its readings is', () => {
  expect(anyReading([false, true, false], [0, 0, 1])).toEqual([true, false]);
});

test('a model is asked only what it was trained on; one that does not say takes both', () => {
  expect(inputProblem('x', 'single')).toBeUndefined();
  expect(inputProblem(pair, 'pair')).toBeUndefined();
  expect(inputProblem('x', 'any')).toBeUndefined();
  expect(inputProblem(pair, 'any')).toBeUndefined();
  expect(inputProblem(pair, 'single')).toMatchObject({ kind: 'pair-unexpected' });
  expect(inputProblem('x', 'pair')).toMatchObject({ kind: 'pair-missing', fix: expect.stringContaining('"pair"') });
});
