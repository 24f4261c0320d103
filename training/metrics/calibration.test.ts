import { expect, test } from 'vitest';
import { createRandom } from '../data/random.js';
import { calibrationBins, calibrationError, fitTemperature } from './calibration.js';
import { logLoss } from './log-loss.js';

/** Answers whose scores are right, then logits made `factor` times too sure. */
function sharpened(factor: number, count = 20_000) {
  const random = createRandom(3);
  const targets: number[][] = [];
  const logits = Array.from({ length: count }, () => {
    const margin = (random.next() - 0.5) * 6;
    targets.push(random.next() < 1 / (1 + Math.exp(-margin)) ? [0, 1] : [1, 0]);
    return [0, margin * factor];
  });
  return { logits, targets };
}

test.each([0.5, 1, 2.5])('the temperature undoes logits that are %s times too sure', (factor) => {
  const { logits, targets } = sharpened(factor);
  expect(fitTemperature('single-label', logits, targets) / factor).toBeCloseTo(1, 1);
});

test.each(['single-label', 'multi-label'] as const)('%s: no temperature near the fitted one has less loss', (task) => {
  const { logits, targets } = sharpened(3, 500);
  const best = fitTemperature(task, logits, targets);
  const loss = (temperature: number) => logLoss(task, temperature, logits, targets)!;
  expect(loss(best)).toBeLessThan(loss(best * 1.02));
  expect(loss(best)).toBeLessThan(loss(best / 1.02));
});

test('where nothing can be fitted the temperature is 1', () => {
  const logits = [[3, 1], [0, 1]]; // biome-ignore format: two rows
  const [right, wrong] = [[[1, 0], [0, 1]], [[0, 1], [0, 1]]]; // biome-ignore format: two rows each
  expect(fitTemperature('single-label', logits, right!)).toBe(1);
  expect(fitTemperature('multi-label', [[3, -1], [-2, 1]], right!)).toBe(1); // biome-ignore format: two rows
  expect(fitTemperature('regression', logits, wrong!)).toBe(1);
  expect(fitTemperature('single-label', [], [])).toBe(1);
});

test('the temperature stays within its bounds', () => {
  expect(fitTemperature('single-label', [[9, -9], [9, -9]], [[0, 1], [0, 1]])).toBeCloseTo(10, 3); // biome-ignore format: two rows
});

test('bins count every answer once, edges to the left', () => {
  const first = [1, 0];
  const bins = calibrationBins('single-label', [[0.8, 0.2], [0.4, 0.6], [0.5, 0.5], [1, 0]], [first, first, first, first], 5); // biome-ignore format: four rows
  expect(bins.map(({ claims }) => claims)).toEqual([0, 0, 2, 1, 1]);
  expect(bins[2]).toMatchObject({ score: 0.55, accuracy: 0.5 });
  expect(bins[0]).toMatchObject({ score: null, accuracy: null });
  expect(calibrationError('single-label', [[0.8, 0.2], [0.3, 0.7]], [first, first])).toBeCloseTo((0.2 + 0.7) / 2, 12); // biome-ignore format: two rows
});

test('with several labels each score of each text is a claim; values claim nothing', () => {
  const bins = calibrationBins('multi-label', [[0.9, 0.1], [0.9, 0.8]], [[1, 0], [0, 1]], 2); // biome-ignore format: two rows
  expect(bins).toMatchObject([{ claims: 1, accuracy: 0 }, { claims: 3, accuracy: 2 / 3 }]); // biome-ignore format: two bins
  expect(calibrationError('regression', [[3]], [[2]])).toBeNull();
});
