import { expect, test } from 'vitest';
import { pointOf, sizesOf, wholePlan } from './curve.js';
import { curvePlots } from './curve-plots.js';
import { leastMs, stepFlops, updateBytes } from './step-cost.js';

const size = { layers: 6, width: 384, batch: 16, tokens: 64 };

test('a step has three times the operations of its forward products', () => {
  // One layer, one text of one token, width 1: 4 + 8 weights, two operations each, and two products of attention of two operations.
  expect(stepFlops({ layers: 1, width: 1, batch: 1, tokens: 1 })).toBe(3 * (2 * 12 + 4));
  expect(stepFlops({ ...size, batch: 32 })).toBe(2 * stepFlops(size));
  expect(stepFlops({ ...size, tokens: 128 })).toBeGreaterThan(2 * stepFlops(size)); // attention grows with the square
});

test('the least time is that of the products and of the update', () => {
  const limits = { gflops: 100, bandwidth: 10 };
  expect(updateBytes(1e6)).toBe(36e6);
  expect(leastMs(size, 1e6, limits)).toBeCloseTo(stepFlops(size) / 1e8 + 3.6, 9);
});

test('each axis goes through its values with all else as in the base', () => {
  const sizes = sizesOf(wholePlan);
  expect(sizes.filter(({ axis }) => axis === 'width').map((one) => one.size.width)).toEqual(wholePlan.values.width);
  for (const { axis, size: one } of sizes) expect({ ...one, [axis]: 0 }).toEqual({ ...wholePlan.base, [axis]: 0 });
});

test('a drawing stands alone, with its colours, the measured line and the least one', () => {
  const measured = { ms: 20, spread: [19, 21], peakMB: 300, parameters: 1e6 } as const;
  const points = [1, 2, 4].map((layers) =>
    pointOf({ axis: 'layers', size: { ...size, layers } }, { ...measured, ms: 20 * layers }, { gflops: 100, bandwidth: 10 }),
  );
  expect(points[0]!.ofLimit).toBeCloseTo(stepFlops({ ...size, layers: 1 }) / 0.02 / 100e9, 9);
  const plots = curvePlots(points);
  expect(plots.map(({ name }) => name)).toEqual(['step-layers', 'memory-layers']);
  for (const { svg } of plots) {
    expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*><style>[^<]*--series-0/);
    expect(svg.trimEnd()).toMatch(/<\/svg>$/);
  }
  expect(plots[0]!.svg).toContain('products and memory alone');
});
