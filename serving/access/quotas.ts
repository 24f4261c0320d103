/** @file What each client has used of a day and of a month. */
import { z } from 'zod';
import type { Quota, QuotaPeriod, Unit } from './allowance.js';

/** Counts by client, unit and period: `3f00…|texts|2026-05-17`. */
export const usageSchema = z.strictObject({
  version: z.literal(1),
  used: z.record(z.string().regex(/^[^|]+\|(requests|texts)\|\d{4}-\d\d(-\d\d)?$/), z.number().int().nonnegative()),
});

export type Usage = z.infer<typeof usageSchema>;

export type Quotas = {
  /** @param cost may be negative: given back */
  use(client: string, unit: Unit, cost: number, now: number): void;
  used(client: string, quota: Quota, now: number): number;
  /** Changes with every use. */
  readonly revision: number;
  /** What is to be remembered; periods long gone are not. */
  usage(now: number): Usage;
};

/**
 * Periods are counted by name, so that one that comes again, by a clock that was set back, goes on where it was.
 *
 * @param before what was used when the server last ran
 */
export function createQuotas(before?: Usage): Quotas {
  const used = new Map(Object.entries(before?.used ?? {}));
  let revision = 0;
  let swept = '';
  const sweep = (now: number): void => {
    const today = periodOf.day(now);
    if (today === swept) return;
    swept = today;
    const oldest = periodOf.day(now - 40 * day);
    for (const key of used.keys()) if (key.slice(key.lastIndexOf('|') + 1) < oldest.slice(0, 7)) used.delete(key);
  };
  return {
    get revision() {
      return revision;
    },
    use(client, unit, cost, now) {
      sweep(now);
      revision++;
      for (const period of Object.values(periodOf)) {
        const key = `${client}|${unit}|${period(now)}`;
        used.set(key, Math.max(0, (used.get(key) ?? 0) + cost));
      }
    },
    used: (client, { unit, period }, now) => used.get(`${client}|${unit}|${periodOf[period](now)}`) ?? 0,
    usage(now) {
      sweep(now);
      return { version: 1, used: Object.fromEntries(used) };
    },
  };
}

/** Seconds from `now` to the end of the period. */
export function secondsLeft(period: QuotaPeriod, now: number): number {
  return (endOf[period](new Date(now)) - now) / 1000;
}

/** Seconds that the period has. */
export function secondsOf(period: QuotaPeriod, now: number): number {
  const at = new Date(now);
  const end = endOf[period](at);
  return (end - (period === 'day' ? end - day : Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1))) / 1000;
}

const day = 86_400_000;
const iso = (now: number): string => new Date(now).toISOString();
const periodOf: { readonly [P in QuotaPeriod]: (now: number) => string } = {
  day: (now) => iso(now).slice(0, 10),
  month: (now) => iso(now).slice(0, 7),
};
const endOf: { readonly [P in QuotaPeriod]: (at: Date) => number } = {
  day: (at) => Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1),
  month: (at) => Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1),
};
