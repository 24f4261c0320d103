import { expect, test } from 'vitest';
import { half } from './half.js';

test.each([
  [0, 0],
  [1, 1],
  [-1 / 3, -0.333251953125],
  [2049, 2048], // half way: the even one
  [2051, 2052],
  [65504, 65504],
  [65519, 65504],
  [65520, Number.POSITIVE_INFINITY],
  [-1e9, Number.NEGATIVE_INFINITY],
  [6e-8, 2 ** -24],
  [2e-8, 0],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  [Number.NaN, Number.NaN],
])('half: %d becomes %d', (x, expected) => expect(half(x)).toBe(expected));
