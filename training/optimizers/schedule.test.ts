import { describe, expect, test } from 'vitest';
import { rateAt, type ScheduleConfig } from './schedule.js';

const rates = (schedule: ScheduleConfig, steps: number): number[] =>
  Array.from({ length: steps }, (_, step) => rateAt(schedule, step, steps));
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12) as number);

describe('rates by step, as shares of the highest', () => {
  // As transformers' get_linear_schedule_with_warmup and get_cosine_schedule_with_warmup, but that the first step already has a rate.
  test.each([
    ['linear', 0, [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]],
    ['linear', 5, [0.2, 0.4, 0.6, 0.8, 1, 1, 0.8, 0.6, 0.4, 0.2]],
    ['linear', 0.2, [0.5, 1, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]],
    ['linear', 10, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    ['linear', 99, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    ['constant', 2, [0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    [
      'cosine',
      2,
      [
        0.5, 1, 1, 0.9619397662556434, 0.8535533905932737, 0.6913417161825449, 0.5, 0.3086582838174551, 0.14644660940672627,
        0.03806023374435663,
      ],
    ],
  ] as const)('%s with a warm-up of %d', (kind, warmup, expected) => expect(rates({ kind, warmup }, 10)).toEqual(close(expected)));

  test('a run of one step has a rate', () => {
    for (const kind of ['linear', 'cosine', 'constant'] as const)
      for (const warmup of [0, 0.1, 1, 7]) expect(rates({ kind, warmup }, 1)).toEqual([1]);
  });
});

test.each(['linear', 'cosine', 'constant'] as const)('%s: rates rise to 1, then never rise again, and stay above 0', (kind) => {
  const all = rates({ kind, warmup: 0.1 }, 1000);
  const top = all.indexOf(1);
  expect(top).toBe(99);
  all.forEach((rate, step) => {
    expect(rate).toBeGreaterThan(0);
    expect(rate).toBeLessThanOrEqual(1);
    if (step > 0) expect(Math.sign(rate - all[step - 1]!) * (step <= top ? 1 : -1)).toBeGreaterThanOrEqual(0);
  });
});
