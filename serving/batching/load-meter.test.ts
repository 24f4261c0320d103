import { expect, test } from 'vitest';
import { createCostModel } from './cost-model.js';
import { createLoadMeter } from './load-meter.js';

test('as much work as the workers can do is a load of 1, however it comes', () => {
  const [even, lumps] = [createLoadMeter(), createLoadMeter()];
  // Two workers, for four minutes: two seconds of work each second.
  for (let now = 0; now <= 240_000; now += 10) even.offered(20, now);
  for (let now = 0; now <= 240_000; now += 1_000) lumps.offered(2_000, now);
  expect(even.ratio(240_000, 2)).toBeCloseTo(1, 2);
  expect(lumps.ratio(240_000, 2)).toBeCloseTo(1, 1);
  expect(even.ratio(240_000, 4)).toBeCloseTo(0.5, 2);
});

test('it falls when nothing comes any more, to a third in half a minute', () => {
  const meter = createLoadMeter();
  for (let now = 0; now <= 240_000; now += 10) meter.offered(10, now);
  expect(meter.ratio(270_000, 1)).toBeCloseTo(Math.exp(-1), 2);
  expect(meter.ratio(600_000, 1)).toBeLessThan(0.001);
});

test('nothing has come yet: no load; and a server without workers has one that can be told', () => {
  const meter = createLoadMeter();
  expect(meter.ratio(5, 2)).toBe(0);
  meter.offered(3_000, 5);
  expect(meter.ratio(5, 0)).toBeCloseTo(0.1);
});

test('work is what texts take in full batches, so that single ones do not count a whole start each', () => {
  const costs = createCostModel({ texts: 32, tokens: 2_048, overheadTokens: 10 });
  expect(costs.workMs(10, 200)).toBe(0);
  for (let i = 0; i < 200; i++) {
    const texts = 1 + (i % 32);
    costs.observe(texts * 20, texts * 20, 2 + texts * 20 * 0.2, texts);
  }
  expect(costs.workMs(1, 20)).toBeCloseTo(2 / 32 + 4, 1);
  expect(costs.workMs(320, 6_400)).toBeCloseTo(10 * (2 + 32 * 4), 0);
  // Of texts that were turned away unread, the length of those that ran is taken.
  expect(costs.workMs(320)).toBeCloseTo(costs.workMs(320, 6_400), 6);
});
