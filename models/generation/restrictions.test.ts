import { describe, expect, test } from 'vitest';
import { largest, logSoftmax, topCandidates } from './probabilities.js';
import { drawingProbabilities, drawn, repeatingTokens } from './restrictions.js';
import { unpadded } from './unpadded.js';

describe('tokens that would repeat a run', () => {
  test.each([
    [[1, 2, 3, 1, 2], 3, [3]],
    [[1, 2, 3, 1, 2], 2, [3]],
    [[5, 5], 2, [5]],
    [[1, 2, 1, 3, 1], 2, [2, 3]],
    [[4, 6, 4], 1, [4, 6]],
    [[1, 2], 3, []],
    [[1, 2, 1, 2], 0, []],
  ] as const)('after %j, runs of %i: %j', (sequence, size, banned) => {
    expect([...repeatingTokens(sequence, size)].sort()).toEqual(banned);
  });
});

test('logSoftmax: probabilities sum to one, however large the logits', () => {
  const values = logSoftmax(Float32Array.of(1000, 1001, -1000));
  expect(values.reduce((sum, x) => sum + Math.exp(x), 0)).toBeCloseTo(1, 12);
  expect(values[1]! - values[0]!).toBeCloseTo(1, 12);
});

test('the largest come in order, of equals the first', () => {
  expect(largest(Float64Array.of(3, 7, 7, 1, 9), 3)).toEqual([4, 1, 2]);
  expect(largest(Float64Array.of(3, 7), 5)).toEqual([1, 0]);
  expect(topCandidates(Float32Array.of(0, Math.log(3)), 1)).toEqual([{ id: 1, probability: expect.closeTo(0.75, 6) }]);
});

describe('probabilities to draw from', () => {
  const scores = Float64Array.of(0.1, 0.2, 0.3, 0.4).map(Math.log);
  const of = (change: object) =>
    [...drawingProbabilities(scores, { temperature: 1, topK: 0, topP: 1, ...change })].map((p) => Math.round(p * 1e6) / 1e6);

  test('are those of the model where nothing is asked', () => expect(of({})).toEqual([0.1, 0.2, 0.3, 0.4]));
  test('topP is of what topK leaves', () => expect(of({ topK: 2, topP: 0.5 })).toEqual([0, 0, 0, 1])); // .4 of .7 is above one half
  test('what is tied with the last of topK stays', () =>
    expect(drawingProbabilities(Float64Array.of(1, 1, 1), { temperature: 1, topK: 1, topP: 1 }).every((p) => p > 0.3)).toBe(true));
  test('what must not come has none', () => {
    const banned = Float64Array.of(Number.NEGATIVE_INFINITY, 0, 0);
    expect([...drawingProbabilities(banned, { temperature: 2, topK: 0, topP: 0.9 })]).toEqual([0, 0.5, 0.5]);
  });
});

test('the token drawn is the one that the number falls on', () => {
  const probabilities = Float64Array.of(0, 0.25, 0.75, 0);
  expect([0, 0.2499, 0.25, 0.999999999].map((u) => drawn(probabilities, u))).toEqual([1, 1, 2, 2]);
  expect(drawn(Float64Array.of(0.5, 0.4999, 0), 0.99999)).toBe(1);
});

test('padding is taken away on either side', () => {
  const ids = BigInt64Array.of(0n, 7n, 8n, 5n, 0n, 0n);
  const mask = BigInt64Array.of(0n, 1n, 1n, 1n, 0n, 0n);
  expect(unpadded({ batch: 2, tokens: 3, ids, mask })).toEqual([[7, 8], [5]]);
});
