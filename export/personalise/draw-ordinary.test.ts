import { expect, test } from 'vitest';
import { createRandom } from '../../training/index.js';
import { type Answered, drawOrdinary } from './draw-ordinary.js';

/** Two groups around (4, 0) and (-4, 1), stretched along the diagonal. */
function texts(count: number): { features: Float32Array[]; groups: string[]; answered: Answered[] } {
  const random = createRandom(7);
  const groups = Array.from({ length: count }, (_, i) => (i % 4 === 0 ? 'b' : 'a'));
  const features = groups.map((group) => {
    const [along, across] = [3 * (random.next() - 0.5), 0.5 * (random.next() - 0.5)];
    return Float32Array.of((group === 'a' ? 4 : -4) + along + across, (group === 'a' ? 0 : 1) + along - across);
  });
  return { features, groups, answered: groups.map((answer) => ({ answer, sureness: random.next() })) };
}

const column = (rows: readonly (readonly number[])[], i: number): number => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length;
const covariance = (rows: readonly (readonly number[])[]): number => {
  const [x, y] = [column(rows, 0), column(rows, 1)];
  return rows.reduce((sum, row) => sum + (row[0]! - x) * (row[1]! - y), 0) / rows.length;
};
const pairs = (flat: Float32Array): number[][] => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);

test('rows have the shares, the means and the covariance of the groups, and none of them is a text', () => {
  const { features, groups, answered } = texts(400);
  const rows = pairs(drawOrdinary(features, answered, { rows: 20_000, seed: 1 }));
  const own = features.map((row) => [...row]);
  for (const [group, drawn, share] of [
    ['a', rows.filter(([x]) => x! > 0), 0.75],
    ['b', rows.filter(([x]) => x! < 0), 0.25],
  ] as const) {
    const real = own.filter((_, i) => groups[i] === group);
    expect(drawn.length / rows.length).toBeCloseTo(share, 2);
    for (const i of [0, 1]) expect(Math.abs(column(drawn, i) - column(real, i))).toBeLessThan(0.04);
    expect(covariance(drawn) / covariance(real)).toBeGreaterThan(0.95);
    expect(covariance(drawn) / covariance(real)).toBeLessThan(1.05);
  }
  const known = new Set(own.map(String));
  expect(rows.some((row) => known.has(String(row)))).toBe(false);
});

test('a group of a few texts is left out; where all are small, they are one', () => {
  const { features, answered } = texts(60); // 45 and 15
  expect(pairs(drawOrdinary(features, answered, { rows: 50, seed: 1 })).every(([x]) => x! > 0)).toBe(true);
  const few = texts(12);
  const rows = pairs(drawOrdinary(few.features, few.answered, { rows: 200, seed: 1 }));
  expect(rows.filter(([x]) => x! < 0).length).toBeGreaterThan(10);
});

test('texts near the border are as many among the rows as they were: each answer is drawn in bands', () => {
  const random = createRandom(9);
  // Nine of ten are far from the border at 0 and one is near it: one normal distribution for both would put many rows across it.
  const features = Array.from({ length: 400 }, (_, i) => Float32Array.of((i % 10 === 0 ? 0.5 : 6) + 0.4 * (random.next() - 0.5)));
  const answered = features.map(([x]) => ({ answer: 'a', sureness: x! }));
  const rows = [...drawOrdinary(features, answered, { rows: 4000, seed: 1 })];
  const near = rows.filter((x) => x < 3).length / rows.length;
  expect(near).toBeGreaterThan(0.08);
  expect(near).toBeLessThan(0.14);
  const at = (from: number, to: number) => rows.filter((x) => x > from && x < to).length / rows.length;
  expect(at(5.5, 6.5)).toBeGreaterThan(0.8);
});

test('the same seed draws the same rows', () => {
  const { features, answered } = texts(80);
  const draw = (seed: number) => drawOrdinary(features, answered, { rows: 8, seed });
  expect(draw(3)).toEqual(draw(3));
  expect(draw(3)).not.toEqual(draw(4));
});
