import { expect, test } from 'vitest';
import { measureRates, shownRate } from './rates.js';

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

test('a ratio comes with its quartiles, and not at all from fewer than five rounds', async () => {
  let clock = 0;
  const taking = (ms: number) => ({
    logits: async (texts: readonly unknown[]) => {
      clock += ms * texts.length;
      return { logits: [], truncated: [] };
    },
  });
  const contenders = [
    { name: 'slow', classifier: taking(4) },
    { name: 'quick', classifier: taking(2) },
  ];
  const after = (rounds: number) => measureRates(contenders, { texts: ['a'], batch: 1, rounds, turnMs: 4, now: () => clock });
  expect((await after(5)).map((rate, i) => shownRate(rate, i === 0))).toEqual(['250', '500 (2.00x, 2.00 to 2.00)']);
  expect((await after(4)).map((rate, i) => shownRate(rate, i === 0))).toEqual(['250', '500']);
});
