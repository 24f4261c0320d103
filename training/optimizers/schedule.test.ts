import { describe, expect, test } from 'vitest';
import { rateAt, type ScheduleConfig, scheduleSchema } from './schedule.js';

const rates = (schedule: object, steps: number, stepsPerEpoch?: number): number[] => {
  const config = scheduleSchema.parse(schedule);
  return Array.from({ length: steps }, (_, step) => rateAt(config, step, steps, stepsPerEpoch));
};
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 11) as number);

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

  // The rates of PyTorch 2.15's torch.optim.lr_scheduler with a highest rate of 1, one a step: `scheduler.step()` after each `optimizer.step()`.
  test.each<readonly [string, object, readonly number[]]>([
    ['PolynomialLR(10)', { kind: 'linear', warmup: 0 }, [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]],
    ['StepLR(3, .5)', { kind: 'step', warmup: 0, every: 3, factor: 0.5 }, [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]],
    ['StepLR(3), as a share', { kind: 'step', warmup: 0, every: 0.3 }, [1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001]],
    ['LinearLR(.25, 1, 3), then StepLR(2)', { kind: 'step', warmup: 4, every: 2 }, [0.25, 0.5, 0.75, 1, 1, 1, 0.1, 0.1, 0.01, 0.01]],
    ['LambdaLR over numpy.interp of shares', { kind: 'piecewise', points: [[0, 0], [0.2, 1], [1, 0]] }, [0, 0.5, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]], // biome-ignore format: a row each
    ['LambdaLR over numpy.interp of steps', { kind: 'piecewise', points: [[2, 0.2], [6, 1], [8, 0.5]] }, [0.2, 0.2, 0.2, 0.4, 0.6, 0.8, 1, 0.75, 0.5, 0.5]], // biome-ignore format: a row each
  ])('%s', (_, schedule, expected) => expect(rates(schedule, 10)).toEqual(close(expected)));
});

describe('rates by epoch', () => {
  const twice = (values: readonly number[]) => values.flatMap((value) => [value, value]);

  test('CosineAnnealingLR(5), stepped where an epoch of two steps ends', () => {
    const expected = [1, 0.904508497187, 0.654508497187, 0.345491502813, 0.0954915028125];
    expect(rates({ kind: 'cosine', warmup: 0, per: 'epoch' }, 10, 2)).toEqual(close(twice(expected)));
  });

  test('whole numbers count epochs, in the warm-up and after it', () => {
    expect(rates({ kind: 'step', warmup: 2, every: 2, per: 'epoch' }, 10, 2)).toEqual(close(twice([0.5, 1, 1, 1, 0.1])));
    expect(rates({ kind: 'linear', warmup: 0.4, per: 'epoch' }, 10, 2)).toEqual(close(twice([0.5, 1, 1, 2 / 3, 1 / 3])));
  });

  test('a last epoch that is cut short is one', () => {
    expect(rates({ kind: 'linear', warmup: 0, per: 'epoch' }, 5, 2)).toEqual(close([1, 1, 2 / 3, 2 / 3, 1 / 3]));
  });

  test('it must be told how long an epoch is', () => {
    expect(() => rates({ kind: 'linear', per: 'epoch' }, 5)).toThrow(/needs to know how long an epoch is/);
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

describe('the schedule of a config', () => {
  test('is linear when it does not say its kind', () => {
    const linear: ScheduleConfig = { kind: 'linear', warmup: 0.1, per: 'step' };
    expect(scheduleSchema.parse({})).toEqual(linear);
    expect(scheduleSchema.parse({ warmup: 3 })).toEqual({ ...linear, warmup: 3 });
  });

  test.each([
    [{ kind: 'exponential' }, /expected one of linear, cosine, constant, step, piecewise/],
    [{ kind: 'linear', every: 3 }, /Unrecognized key: \\"every\\"/],
    [{ kind: 'step' }, /every/],
    [{ kind: 'piecewise', points: [[0.5, 1], [0.2, 0]] }, /positions must rise/], // biome-ignore format: a table
  ])('%j is refused', (given, message) => expect(() => scheduleSchema.parse(given)).toThrow(message));
});
