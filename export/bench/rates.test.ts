import { expect, test } from 'vitest';
import { measureRates, median } from './rates.js';

test('rates are compared within a round, so that a machine that slows down changes no ratio', async () => {
  let clock = 0;
  let slowness = 1;
  const taking = (ms: number) => ({
    logits: async (texts: readonly unknown[]) => {
      clock += ms * slowness * texts.length;
      return { logits: [], truncated: [] };
    },
  });
  const tiring = {
    logits: async (texts: readonly unknown[]) => {
      slowness *= 2;
      return taking(1).logits(texts);
    },
  };
  const contenders = [
    { name: 'slow', classifier: taking(4) },
    { name: 'quick', classifier: taking(2) },
    { name: 'slows the machine down', classifier: tiring },
  ];
  const rates = await measureRates(contenders, { texts: ['a', 'b', 'c'], batch: 2, rounds: 5, turnMs: 4, now: () => clock });
  expect(rates.slice(0, 2).map(({ name, ratio }) => [name, ratio])).toEqual([
    ['slow', 1],
    ['quick', 2],
  ]);
  expect(rates[0]!.textsPerSecond).toBeLessThan(250);
});

test('the median of an even number of values lies between the middle two', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});
