/** @file Rates and quotas of all clients: what is left to each, and whether it may go on. */
import { ServiceError } from '../protocol/index.js';
import type { Allowance, Quota, Rate, Unit } from './allowance.js';
import { type Quotas, secondsLeft, secondsOf } from './quotas.js';
import { rateHeaders, type Standing } from './rate-headers.js';
import { type Bucket, fill, secondsUntil, secondsUntilFull } from './token-bucket.js';

export type Spender = { readonly id: string; readonly allowances: readonly Allowance[] };

export type Charge = {
  /** What the client has left, for its answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Gives the quota back, for work that the server did not do. Rates stay spent: they bound how often one may try. */
  refund(): void;
};

export type Limiter = {
  /** @throws ServiceError `rate-limited` or `quota-exceeded`; then nothing was taken */
  charge(spender: Spender, unit: Unit, cost: number): Charge;
};

export type LimiterDeps = {
  readonly quotas: Quotas;
  /** ms, never going back. */
  readonly monotonic: () => number;
  /** ms since 1970. */
  readonly today: () => number;
  /** Clients whose buckets are remembered; beyond that the one longest unseen is forgotten. */
  readonly maxClients?: number;
};

export function createLimiter({ quotas, monotonic, today, maxClients = 100_000 }: LimiterDeps): Limiter {
  /** By client, oldest use first; of each, by rate. */
  const clients = new Map<string, Map<string, Bucket>>();
  const remember = (id: string): Map<string, Bucket> => {
    const buckets = clients.get(id) ?? new Map<string, Bucket>();
    clients.delete(id);
    clients.set(id, buckets);
    if (clients.size > maxClients) clients.delete(clients.keys().next().value!);
    return buckets;
  };

  return {
    charge({ id, allowances }, unit, cost) {
      if (allowances.length === 0) return free;
      const [now, date] = [monotonic(), today()];
      const buckets = remember(id);
      const rates = allowances.filter((one): one is Rate => one.kind === 'rate').map((rate) => ({ rate, key: keyOf(rate) }));
      const limits = allowances.filter((one): one is Quota => one.kind === 'quota');
      for (const { rate, key } of rates) buckets.set(key, fill(buckets.get(key), rate, now));
      const standings = (): Standing[] => [
        ...rates.map(({ rate, key }) => standingOfRate(rate, buckets.get(key)!)),
        ...limits.map((quota) => standingOfQuota(quota, quotas.used(id, quota, date), date)),
      ];

      for (const quota of limits) {
        const left = quota.amount - quotas.used(id, quota, date);
        if (quota.unit === unit && cost > left) throw quotaExceeded(quota, cost, left, date, rateHeaders(standings()));
      }
      const waits = rates.map(({ rate, key }) => (rate.unit === unit ? secondsUntil(cost, buckets.get(key)!, rate) : 0));
      const wait = Math.max(0, ...waits);
      if (wait > 0) throw rateLimited(rates[waits.indexOf(wait)]!.rate, wait, rateHeaders(standings()));

      for (const { rate, key } of rates) {
        const { tokens, at } = buckets.get(key)!;
        if (rate.unit === unit) buckets.set(key, { tokens: tokens - cost, at });
      }
      if (limits.length > 0) quotas.use(id, unit, cost, date);
      return {
        headers: rateHeaders(standings()),
        refund: () => {
          if (limits.length > 0) quotas.use(id, unit, -cost, date);
        },
      };
    },
  };
}

const free: Charge = { headers: {}, refund: () => {} };

const keyOf = ({ amount, unit, seconds }: Rate): string => `${amount} ${unit}/${seconds}`;

function standingOfRate(rate: Rate, bucket: Bucket): Standing {
  const { unit, amount, seconds } = rate;
  const remaining = Math.max(0, Math.floor(bucket.tokens));
  return { name: `${unit}-${seconds}s`, unit, amount, window: seconds, remaining, reset: secondsUntilFull(bucket, rate) };
}

function standingOfQuota({ unit, amount, period }: Quota, used: number, date: number): Standing {
  const remaining = Math.max(0, amount - used);
  return { name: `${unit}-${period}`, unit, amount, window: secondsOf(period, date), remaining, reset: secondsLeft(period, date) };
}

/** `retry-after-ms` for clients that know it: a second is long where a rate is counted in fifties. */
function rateLimited({ amount, unit, seconds }: Rate, wait: number, headers: Readonly<Record<string, string>>): ServiceError {
  const what = `more than ${amount} ${unit} in ${seconds === 1 ? 'a second' : `${seconds} seconds`}`;
  return new ServiceError('rate-limited', what, 'try again after the seconds named in Retry-After', {
    ...headers,
    'retry-after': String(Math.max(1, Math.ceil(wait))),
    'retry-after-ms': String(Math.ceil(wait * 1000)),
  });
}

/** A client that tries again by itself would only do so in vain. */
function quotaExceeded(
  { amount, unit, period }: Quota,
  cost: number,
  left: number,
  date: number,
  headers: Readonly<Record<string, string>>,
): ServiceError {
  const what = `the quota is ${amount} ${unit} a ${period}; ${Math.max(0, left)} are left and this needs ${cost}`;
  const end = period === 'day' ? 'midnight UTC' : 'the end of the month, UTC';
  return new ServiceError('quota-exceeded', what, `come back after ${end}, or ask for a larger quota`, {
    ...headers,
    'retry-after': String(Math.ceil(secondsLeft(period, date))),
    'x-should-retry': 'false',
  });
}
