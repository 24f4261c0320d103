import { expect, test } from 'vitest';
import type { Parameter } from '../../models/index.js';
import { initialWeights } from './initial-weights.js';

const parameter = (name: string, shape: readonly number[], init: Parameter['init']): Parameter => ({
  value: { name, shape, type: 'float32' },
  init,
  transposed: false,
});
const parameters = [
  parameter('table', [100, 100], { kind: 'normal', deviation: 0.02 }),
  parameter('other', [100, 100], { kind: 'normal', deviation: 0.02 }),
  parameter('scale', [3], { kind: 'ones' }),
  parameter('bias', [3], { kind: 'zeros' }),
];

test('ones, zeros, and a normal cut at two deviations', () => {
  const weights = initialWeights(parameters, 1);
  expect([...weights.get('scale')!, ...weights.get('bias')!]).toEqual([1, 1, 1, 0, 0, 0]);
  const table = [...weights.get('table')!];
  expect(Math.max(...table.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.04));
  const mean = table.reduce((a, b) => a + b, 0) / table.length;
  const deviation = Math.sqrt(table.reduce((sum, x) => sum + (x - mean) ** 2, 0) / table.length);
  expect(Math.abs(mean)).toBeLessThan(4 * (0.02 / 100));
  expect(deviation / 0.02).toBeCloseTo(0.8796, 1); // of a normal cut at two: sqrt(1 - 4·φ(2) / (2·Φ(2) - 1))
});

test('the same for the same seed; otherwise for another, and for each parameter', () => {
  expect(initialWeights(parameters, 1)).toEqual(initialWeights(parameters, 1));
  expect(initialWeights(parameters, 2).get('table')).not.toEqual(initialWeights(parameters, 1).get('table'));
  expect(initialWeights(parameters, 1).get('other')).not.toEqual(initialWeights(parameters, 1).get('table'));
});
