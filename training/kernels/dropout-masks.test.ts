import { describe, expect, test } from 'vitest';
import type { DropoutMask } from '../../models/index.js';
import { DropoutMasks, type MaskKey, siteKey } from './dropout-masks.js';

const key: MaskKey = { seed: 7, step: 3, part: 0 };
const site = (name: string, rate: number, shape: readonly (number | string)[] = ['batch', 500]): DropoutMask => ({
  value: { name, shape, type: 'float32' },
  rate,
});
const sizes = { batch: 80 }; // 40 000 elements a site

/** A copy of each mask: the next call overwrites them. */
async function fill(masks: readonly DropoutMask[], at: MaskKey = key): Promise<Float32Array[]> {
  const tensors = (await DropoutMasks.create()).fill(masks, sizes, at);
  return masks.map(({ value }) => (tensors[value.name]!.data as Float32Array).slice());
}
const one = async (at: MaskKey = key, rate = 0.5) => (await fill([site('a', rate)], at))[0]!;
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe('a mask', () => {
  test.each([0.05, 0.1, 0.5, 0.9])('of rate %f keeps its share, and keeps the mean', async (rate) => {
    const mask = await one(key, rate);
    const kept = mask.filter((x) => x !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / (1 - rate))]));
    const deviation = Math.sqrt((rate * (1 - rate)) / mask.length);
    expect(Math.abs(kept.length / mask.length - (1 - rate))).toBeLessThan(4 * deviation);
    expect(mean(mask)).toBeCloseTo(1, 1);
  });

  test('is of the shape that is asked for, named dims bound', async () => {
    const masks = await DropoutMasks.create();
    const { a, b } = masks.fill([site('a', 0.1, ['batch', 3]), site('b', 0.1, [2, 1, 5])], { batch: 7 }, key);
    expect([a!.dims, a!.data.length, b!.dims, b!.data.length]).toEqual([[7, 3], 21, [2, 1, 5], 10]);
  });

  test('is a function of seed, step, part and site alone', async () => {
    const again = await DropoutMasks.create();
    again.fill([site('other', 0.3), site('another', 0.9)], { batch: 200 }, { seed: 1, step: 1, part: 1 }); // leaves nothing behind
    expect((again.fill([site('a', 0.5)], sizes, key).a!.data as Float32Array).slice()).toEqual(await one());
  });

  test('begins with the numbers that it has always begun with', async () => {
    expect(siteKey(key, 0)).toBe(-887901524);
    expect([...(await one()).subarray(0, 24)].map((x) => (x === 0 ? '.' : 'x')).join('')).toBe('x.xxxxx...xxx.xxx.xx..xx');
  });
});

/** The share of elements that two masks of rate .5 have in common; one half where they have nothing to do with each other. */
const agreement = (a: Float32Array, b: Float32Array, shift = 0): number => {
  const count = a.length - shift;
  let same = 0;
  for (let i = 0; i < count; i++) if (a[i] === b[i + shift]) same += 1;
  return same / count;
};
const unrelated = (a: Float32Array, b: Float32Array, shift = 0) =>
  expect(Math.abs(agreement(a, b, shift) - 0.5)).toBeLessThan(4.5 * (0.5 / Math.sqrt(a.length - shift)));

describe('masks have nothing to do with each other', () => {
  test.each([
    ['another seed', { ...key, seed: 8 }],
    ['another step', { ...key, step: 4 }],
    ['another part of the step', { ...key, part: 1 }],
    ['seed and step exchanged', { ...key, seed: 3, step: 7 }],
    ['a step 2^31 later', { ...key, step: key.step + 2 ** 31 }],
  ])('at %s', async (_what, other) => unrelated(await one(), await one(other)));

  test('at the sites of one step, and of the next step', async () => {
    const sites = Array.from({ length: 6 }, (_, i) => site(`site-${i}`, 0.5));
    const masks = [...(await fill(sites)), ...(await fill(sites, { ...key, step: key.step + 1 }))];
    masks.forEach((a, i) => {
      for (const b of masks.slice(i + 1)) for (const shift of [0, 1, 2, 500]) unrelated(a, b, shift);
    });
  });

  test('nor have an element and its neighbours: in the row, in the next rows, a block of four away', async () => {
    const mask = await one();
    for (const shift of [1, 2, 3, 4, 5, 8, 16, 64, 128, 500, 512, 1000, 4096, 16_384]) unrelated(mask, mask, shift);
  });

  test('every column and every row keeps about its share', async () => {
    const mask = await one();
    const [rows, columns] = [80, 500];
    const shares = [
      ...Array.from({ length: rows }, (_, r) => mean(mask.subarray(r * columns, (r + 1) * columns)) / 2),
      ...Array.from({ length: columns }, (_, c) => mean(mask.filter((_, i) => i % columns === c)) / 2),
    ];
    for (const [i, share] of shares.entries())
      expect(Math.abs(share - 0.5)).toBeLessThan(4.5 * (0.5 / Math.sqrt(i < rows ? columns : rows)));
  });
});

test('no two of many keys are the same', () => {
  const keys = new Set<number>();
  for (let seed = 0; seed < 4; seed++)
    for (let step = 0; step < 300; step++)
      for (let part = 0; part < 2; part++) for (let at = 0; at < 8; at++) keys.add(siteKey({ seed, step, part }, at));
  expect(keys.size).toBe(4 * 300 * 2 * 8);
});
