import { expect, test } from 'vitest';
import { computeMetrics } from '../training/index.js';
import { figuresTable } from './figures-table.js';

test('labels that are numbers stand in the order of the model, their counts beside them', () => {
  const labels = ['10', '9', '1'];
  const targets = [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]; // biome-ignore format: a matrix
  const logits = [[5, 0, 0], [0, 5, 0], [0, 5, 0], [0, 0, 5]]; // biome-ignore format: a matrix
  const metrics = computeMetrics({ task: 'single-label', labels, temperature: 1, logits, targets });
  const lines = figuresTable(metrics, { labels, truncated: 0 })
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));
  expect(lines.slice(-8, -5)).toEqual([
    ['10', '1.0000', '0.5000', '0.6667', '2'],
    ['9', '0.5000', '1.0000', '0.6667', '1'],
    ['1', '1.0000', '1.0000', '1.0000', '1'],
  ]);
  expect(lines.slice(-4)).toEqual([
    ['truth', '10', '9', '1', '(columns: answers)'],
    ['10', '1', '1', '0'],
    ['9', '0', '1', '0'],
    ['1', '0', '0', '1'],
  ]);
});
