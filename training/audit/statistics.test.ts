/** @file The figures are scipy's: hypergeom, chi2_contingency without correction, gammaincc. */
import { expect, test } from 'vitest';
import { chiSquare, fisher, quantile, upperGamma, wilson } from './statistics.js';

test.each([
  [12, 20, 40, 200, 6.93552232038579e-5],
  [0, 15, 60, 100, 3.1756207291886943e-7],
  [5, 10, 50, 100, 1],
  [400, 450, 5000, 10000, 1.1601318316214782e-71],
])('fisher: %i of %i drawn where %i of %i are marked, the smaller tail doubled', (hits, drawn, marked, population, p) => {
  expect(fisher(hits, drawn, marked, population) / p).toBeCloseTo(1, 8);
});

test('chi-square: statistic, p and strength of a table', () => {
  const { statistic, p, strength } = chiSquare([[20, 30, 50], [40, 25, 35]]); // biome-ignore format: a table
  expect(statistic).toBeCloseTo(9.768270944741532, 10);
  expect(p).toBeCloseTo(0.007565661659075727, 10);
  expect(strength).toBeCloseTo(0.22100080254086785, 10);
});

test('chi-square: a table with one row or one column depends on nothing', () => {
  expect(chiSquare([[3, 4]])).toEqual({ statistic: 0, p: 1, strength: 0 });
  expect(chiSquare([[3, 0], [4, 0]]).p).toBe(1); // biome-ignore format: a table
  expect(chiSquare([]).p).toBe(1);
});

test.each([
  [2.5, 10, 0.0012497305630313773],
  [0.5, 30, 9.485737571073857e-15],
  [7, 2, 0.9954661944737512],
])('upper gamma Q(%d, %d)', (a, x, expected) => {
  expect(upperGamma(a, x) / expected).toBeCloseTo(1, 8);
});

test('wilson: stays in 0..1, holds the share, and is the whole range without texts', () => {
  expect(wilson(0, 10).low).toBe(0);
  expect(wilson(10, 10).high).toBeCloseTo(1, 12);
  const { low, high } = wilson(45, 50); // Agresti and Coull's example of .9 of 50
  expect(low).toBeCloseTo(0.7864, 3);
  expect(high).toBeCloseTo(0.9565, 3);
  expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
});

test('quantile: of nothing is 0, of all is the last', () => {
  expect(quantile([], 0.5)).toBe(0);
  expect(quantile([1, 2, 3, 4], 1)).toBe(4);
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(3);
});
