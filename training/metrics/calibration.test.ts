import { expect, test } from 'vitest';
import { createRandom } from '../data/random.js';
import { calibrationBins, calibrationError, fitTemperature } from './calibration.js';
import { logLoss } from './log-loss.js';

/** Answers whose scores are right, then logits made `factor` times too sure. */
function sharpened(factor: number, count = 20_000) {
  const random = createRandom(3);
  const truth: number[] = [];
  const logits = Array.from({ length: count }, () => {
    const margin = (random.next() - 0.5) * 6;
    truth.push(random.next() < 1 / (1 + Math.exp(-margin)) ? 1 : 0);
    return [0, margin * factor];
  });
  return { logits, truth };
}

test.each([0.5, 1, 2.5])('the temperature undoes logits that are %s times too sure', (factor) => {
  const { logits, truth } = sharpened(factor);
  expect(fitTemperature(logits, truth, 'softmax') / factor).toBeCloseTo(1, 1);
});

test.each(['softmax', 'sigmoid'] as const)('%s: no temperature near the fitted one has less loss', (activation) => {
  const { logits, truth } = sharpened(3, 500);
  const best = fitTemperature(logits, truth, activation);
  const loss = (temperature: number) => logLoss(activation, temperature, logits, truth)!;
  expect(loss(best)).toBeLessThan(loss(best * 1.02));
  expect(loss(best)).toBeLessThan(loss(best / 1.02));
});

test('where nothing can be fitted the temperature is 1', () => {
  expect(fitTemperature([[3, 1], [0, 1]], [0, 1], 'softmax')).toBe(1); // biome-ignore format: two rows
  expect(fitTemperature([[3, 1], [0, 1]], [1, 1], 'none')).toBe(1); // biome-ignore format: two rows
});

test('the temperature stays within its bounds', () => {
  expect(fitTemperature([[9, -9], [9, -9]], [1, 1], 'softmax')).toBeCloseTo(10, 3); // biome-ignore format: two rows
});

test('bins count every example once, edges to the left', () => {
  const bins = calibrationBins([[0.8, 0.2], [0.4, 0.6], [0.5, 0.5], [1, 0]], [0, 0, 0, 0], 5); // biome-ignore format: four rows
  expect(bins.map(({ examples }) => examples)).toEqual([0, 0, 2, 1, 1]);
  expect(bins[2]).toMatchObject({ score: 0.55, accuracy: 0.5 });
  expect(bins[0]).toMatchObject({ score: null, accuracy: null });
  expect(calibrationError([[0.8, 0.2], [0.3, 0.7]], [0, 0])).toBeCloseTo((0.2 + 0.7) / 2, 12); // biome-ignore format: two rows
});
