import { expect, test } from 'vitest';
import { type PathAnswer, pathIntegral } from './path-integral.js';

/** Strength `f`, whose slope is shared out between two tokens, three parts to one. */
function way(f: (at: number) => number, slope: (at: number) => number) {
  const asked: number[][] = [];
  const ask = async (progress: readonly number[]): Promise<readonly PathAnswer[]> => {
    asked.push([...progress]);
    return progress.map((at) => ({ strength: f(at), attributions: [0.75 * slope(at), 0.25 * slope(at)] }));
  };
  return { asked, ask };
}

const steep = { f: (at: number) => 6 * Math.tanh(40 * (at - 0.31)), slope: (at: number) => 240 / Math.cosh(40 * (at - 0.31)) ** 2 };

test('a smooth way is done with the first points', async () => {
  const { ask, asked } = way((at) => 1 + 2 * at + 0.3 * at * at, (at) => 2 + 0.6 * at); // biome-ignore format: short
  const { attributions, whole, empty } = await pathIntegral(ask, { first: 8, most: 40 });
  expect(asked).toEqual([[0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]]);
  expect([whole, empty]).toEqual([3.3, 1]);
  expect(attributions[0]).toBeCloseTo(0.75 * 2.3, 6);
  expect(attributions[1]).toBeCloseTo(0.25 * 2.3, 6);
});

test('a steep way gets points where it is steep, and adds up', async () => {
  const { ask, asked } = way(steep.f, steep.slope);
  const { attributions, whole, empty } = await pathIntegral(ask, { first: 8, most: 40 });
  const added = asked.slice(1).flat();
  expect(added.length).toBeGreaterThan(4);
  expect(added.every((at) => Math.abs(at - 0.31) < 0.2)).toBe(true);
  expect(Math.abs(attributions[0]! + attributions[1]! - (whole - empty))).toBeLessThan(0.05 * (whole - empty) + 0.02);
  expect(attributions[0]! / attributions[1]!).toBeCloseTo(3, 6);
});

test('by even steps, as many points miss ten times as much', async () => {
  const { ask, asked } = way(steep.f, steep.slope);
  const sum = async (first: number, most: number) => {
    const { attributions, whole, empty } = await pathIntegral(ask, { first, most });
    return Math.abs(attributions[0]! + attributions[1]! - (whole - empty));
  };
  const halved = await sum(8, 40);
  const points = asked.flat().length;
  expect(await sum(points - 1, points)).toBeGreaterThan(10 * halved);
});

test.each([9, 10, 14, 25])('never more than %i points, each once, in the same order every time', async (most) => {
  const [first, second] = [way(steep.f, steep.slope), way(steep.f, steep.slope)];
  await pathIntegral(first.ask, { first: 8, most });
  await pathIntegral(second.ask, { first: 8, most });
  const points = first.asked.flat();
  expect(points.length).toBeLessThanOrEqual(most);
  expect(new Set(points).size).toBe(points.length);
  expect(second.asked).toEqual(first.asked);
});
