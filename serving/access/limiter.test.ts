import { describe, expect, test } from 'vitest';
import type { ServiceError } from '../protocol/index.js';
import { type Allowance, parseQuota, parseRate } from './allowance.js';
import { createLimiter } from './limiter.js';
import { createQuotas, type Usage } from './quotas.js';
import { createSteadyClock } from './steady-clock.js';

const noon = Date.UTC(2026, 4, 17, 12);
const hour = 3_600_000;

/** A limiter whose clocks stand still until they are moved. */
function bench(before?: Usage, maxClients?: number) {
  const at = { monotonic: 5_000, wall: noon };
  const clock = { monotonic: () => at.monotonic, wall: () => at.wall };
  const quotas = createQuotas(before);
  const today = createSteadyClock(clock);
  const limiter = createLimiter({ quotas, monotonic: clock.monotonic, today, ...(maxClients ? { maxClients } : {}) });
  const pass = (ms: number): void => {
    at.monotonic += ms;
    at.wall += ms;
  };
  /** `ok`, or the code of the refusal. */
  const ask = (allowance: string, cost = 1, id = 'ann') => {
    try {
      const allowances = allowance.split(',').map((text) => (parseRate(text) ?? parseQuota(text)) as Allowance);
      limiter.charge({ id, allowances }, allowance.includes('texts') ? 'texts' : 'requests', cost);
      return 'ok';
    } catch (error) {
      return (error as ServiceError).code;
    }
  };
  const times = (n: number, allowance: string): number =>
    Array.from({ length: n }, () => ask(allowance)).filter((one) => one === 'ok').length;
  return { at, quotas, limiter, today, pass, ask, times };
}

describe('rates', () => {
  test('a client may use all of a second at once, and as many each second from then on', () => {
    const { times, pass } = bench();
    expect(times(100, '50/s')).toBe(50);
    pass(100);
    expect(times(100, '50/s')).toBe(5);
    pass(60_000);
    expect(times(100, '50/s')).toBe(50);
  });

  test.each([
    ['10/s', 1],
    ['10/min', 60],
    ['10/h', 3600],
  ])('%s gives ten in %i seconds, in any ten of them in a row', (rate, seconds) => {
    const { times, pass } = bench();
    let given = times(20, rate);
    for (let i = 0; i < 1000; i++) {
      pass(seconds);
      given += times(20, rate);
    }
    expect(given).toBeGreaterThanOrEqual(19); // 1000 milliseconds for each second of the rate: ten more
    expect(given).toBeLessThanOrEqual(20);
  });

  test('who waits as long as told is let in, and hardly a moment before', () => {
    const { limiter, pass } = bench();
    const spender = { id: 'ann', allowances: [parseRate('7/s')!, parseRate('100 texts/min')!] };
    for (let i = 0; i < 200; i++) {
      try {
        limiter.charge(spender, i % 2 ? 'texts' : 'requests', i % 2 ? 9 : 1);
      } catch (error) {
        const wait = Number((error as ServiceError).headers['retry-after-ms']);
        pass(wait - 2);
        expect(() => limiter.charge(spender, i % 2 ? 'texts' : 'requests', i % 2 ? 9 : 1)).toThrow();
        pass(2);
        limiter.charge(spender, i % 2 ? 'texts' : 'requests', i % 2 ? 9 : 1);
      }
    }
  });

  test('a request that is larger than the bucket passes when it is full, and is paid off afterwards', () => {
    const { ask, pass } = bench();
    expect(ask('10 texts/s', 25)).toBe('ok');
    expect(ask('10 texts/s', 1)).toBe('rate-limited');
    pass(1_500);
    expect(ask('10 texts/s', 1)).toBe('rate-limited');
    pass(200);
    expect(ask('10 texts/s', 1)).toBe('ok');
    pass(800);
    expect(ask('10 texts/s', 25)).toBe('rate-limited');
  });

  test('one client does not pay for another', () => {
    const { ask } = bench();
    expect([ask('1/h'), ask('1/h'), ask('1/h', 1, 'bob')]).toEqual(['ok', 'rate-limited', 'ok']);
  });

  test('the clock of the wall has no say in rates', () => {
    const { ask, at } = bench();
    expect(ask('1/h')).toBe('ok');
    for (const jump of [hour * 24, -hour * 48]) {
      at.wall += jump;
      expect(ask('1/h')).toBe('rate-limited');
    }
  });

  test('those longest unseen are forgotten first, and no more are remembered than there is room for', () => {
    const { ask } = bench(undefined, 2);
    for (const id of ['ann', 'bob', 'ann', 'cid']) ask('1/h', 1, id);
    expect(['ann', 'cid'].map((id) => ask('1/h', 1, id))).toEqual(['rate-limited', 'rate-limited']);
    expect(ask('1/h', 1, 'bob')).toBe('ok');
  });
});

describe('quotas', () => {
  test('a day begins at midnight UTC', () => {
    const { times, pass } = bench();
    expect(times(5, '3/day')).toBe(3);
    pass(12 * hour - 1);
    expect(times(5, '3/day')).toBe(0);
    pass(1);
    expect(times(5, '3/day')).toBe(3);
  });

  test('a month begins on its first day', () => {
    const { times, pass } = bench();
    expect(times(5, '3/month')).toBe(3);
    pass(14 * 24 * hour + 12 * hour - 1);
    expect(times(5, '3/month')).toBe(0);
    pass(1);
    expect(times(5, '3/month')).toBe(3);
  });

  test('what does not fit is refused whole, and what fits is still given', () => {
    const { ask } = bench();
    expect([ask('10 texts/day', 8), ask('10 texts/day', 3), ask('10 texts/day', 2)]).toEqual(['ok', 'quota-exceeded', 'ok']);
  });

  test('a refusal by one limit takes nothing from another', () => {
    const { ask, quotas, at } = bench();
    expect([ask('1/s,5/day'), ask('1/s,5/day'), ask('1/s,5/day')]).toEqual(['ok', 'rate-limited', 'rate-limited']);
    expect(quotas.used('ann', parseQuota('5/day')!, at.wall)).toBe(1);
  });

  test('what is refunded can be used, on the day that it was taken from', () => {
    const { limiter, ask, pass, quotas, at } = bench();
    const charge = limiter.charge({ id: 'ann', allowances: [parseQuota('10 texts/day')!] }, 'texts', 10);
    expect(ask('10 texts/day')).toBe('quota-exceeded');
    charge.refund();
    expect(ask('10 texts/day', 4)).toBe('ok');
    const late = limiter.charge({ id: 'ann', allowances: [parseQuota('10 texts/day')!] }, 'texts', 6);
    pass(12 * hour);
    expect(ask('10 texts/day', 10)).toBe('ok');
    late.refund();
    expect(quotas.used('ann', parseQuota('10 texts/day')!, at.wall)).toBe(10);
  });

  test.each([
    ['forward by a day', 24 * hour],
    ['back by a day', -24 * hour],
    ['forward by a year', 365 * 24 * hour],
  ])('a clock that is set %s and right again neither gives quota nor takes it', (_what, jump) => {
    const { times, at, pass } = bench();
    expect(times(6, '10/day')).toBe(6);
    at.wall += jump;
    pass(60_000);
    expect(times(1, '10/day')).toBe(1);
    at.wall -= jump;
    pass(60_000);
    expect(times(10, '10/day')).toBe(3);
    pass(12 * hour);
    expect(times(20, '10/day')).toBe(10);
  });

  test('a clock that stays as it was set is believed after ten minutes, and a day that was counted is counted on', () => {
    const { times, at, pass, today } = bench();
    expect(times(6, '10/day')).toBe(6);
    at.wall += 24 * hour;
    today();
    pass(599_000);
    expect(times(10, '10/day')).toBe(4);
    pass(2_000);
    expect(times(20, '10/day')).toBe(10);
    at.wall -= 24 * hour;
    today();
    pass(601_000);
    expect(times(20, '10/day')).toBe(0);
  });

  test('small corrections are followed at once, and many of them add up', () => {
    const { at, pass, today } = bench();
    for (let i = 0; i < 100; i++) {
      pass(1_000);
      at.wall += 30_000;
      expect(today()).toBe(at.wall);
    }
  });

  test('a server that starts again goes on where it was; periods long gone are forgotten', () => {
    const first = bench({ version: 1, used: { 'ann|requests|2025-01-01': 3, 'ann|requests|2026-05': 4 } });
    expect(first.times(10, '3/day')).toBe(3);
    const usage = first.quotas.usage(noon);
    expect(usage.used).toEqual({ 'ann|requests|2026-05-17': 3, 'ann|requests|2026-05': 7 });
    const second = bench(usage);
    expect([second.times(10, '3/day'), second.times(10, '9/month')]).toEqual([0, 2]);
  });
});

describe('headers', () => {
  test('every limit is named, and the tightest is told in the way of OpenAI', () => {
    const { limiter, pass } = bench();
    const allowances = [parseRate('50/s')!, parseQuota('20/day')!, parseRate('600 texts/min')!];
    const charge = () => limiter.charge({ id: 'ann', allowances }, 'requests', 1).headers;
    charge();
    pass(1);
    expect(charge()).toEqual({
      'ratelimit-policy': '"requests-1s";q=50;w=1, "texts-60s";q=600;w=60;qu="texts", "requests-day";q=20;w=86400',
      ratelimit: '"requests-1s";r=48;t=1, "texts-60s";r=600;t=0, "requests-day";r=18;t=43200',
      'x-ratelimit-limit-requests': '20',
      'x-ratelimit-remaining-requests': '18',
      'x-ratelimit-reset-requests': '11h59m59.999s',
      'x-ratelimit-limit-texts': '600',
      'x-ratelimit-remaining-texts': '600',
      'x-ratelimit-reset-texts': '0ms',
    });
  });

  test('a refusal says when to come again, and after a quota that trying again is in vain', () => {
    const { limiter, pass } = bench();
    const fail = (allowance: Allowance, cost: number): ServiceError => {
      try {
        for (;;) limiter.charge({ id: 'ann', allowances: [allowance] }, allowance.unit, cost);
      } catch (error) {
        return error as ServiceError;
      }
    };
    expect(fail(parseRate('5/min')!, 1).headers).toMatchObject({ 'retry-after': '12', 'retry-after-ms': '12000' });
    pass(11_990);
    expect(fail(parseRate('5/min')!, 1).headers).toMatchObject({ 'retry-after': '1', 'retry-after-ms': '10' });
    const quota = fail(parseQuota('5 texts/month')!, 6);
    expect(quota.headers).toMatchObject({ 'x-should-retry': 'false', 'retry-after': String(14.5 * 86_400 - 11) });
    expect(quota.message).toBe('the quota is 5 texts a month; 5 are left and this needs 6');
  });
});

test.each(['', '50', '50/', '50/week', '0/s', '-1/s', '1.5/s', '50 / s', '50  texts/s', '50 words/s', '50/constructor', '9'.repeat(20)])(
  '%j is neither rate nor quota',
  (text) => {
    expect([parseRate(text), parseQuota(text)]).toEqual([undefined, undefined]);
  },
);
