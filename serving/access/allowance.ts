/** @file How much a client may ask for: `50/s`, `500 texts/s`, `100000/day`, `2000000 texts/month`. */
import { z } from 'zod';

export const units = ['requests', 'texts'] as const;
export type Unit = (typeof units)[number];

/** Seconds of each period that a rate can have. */
const rateSeconds = { s: 1, second: 1, m: 60, min: 60, minute: 60, h: 3600, hour: 3600 } as const;
const quotaPeriods = ['day', 'month'] as const;
export type QuotaPeriod = (typeof quotaPeriods)[number];

/** At most `amount` at once, and as many in `seconds` from then on. */
export type Rate = { readonly kind: 'rate'; readonly amount: number; readonly unit: Unit; readonly seconds: number };
/** At most `amount` from midnight to midnight, UTC, or from the first of a month to the next. */
export type Quota = { readonly kind: 'quota'; readonly amount: number; readonly unit: Unit; readonly period: QuotaPeriod };
export type Allowance = Rate | Quota;

const form = /^([1-9]\d{0,11}) ?(requests|texts)?\/([a-z]+)$/;

/** @returns `undefined` for what is no rate */
export function parseRate(text: string): Rate | undefined {
  const { amount, unit, period } = parts(text);
  const seconds = Object.hasOwn(rateSeconds, period) ? rateSeconds[period as keyof typeof rateSeconds] : undefined;
  return seconds && { kind: 'rate', amount, unit, seconds };
}

/** @returns `undefined` for what is no quota */
export function parseQuota(text: string): Quota | undefined {
  const { amount, unit, period: name } = parts(text);
  const period = quotaPeriods.find((one) => one === name);
  return period && { kind: 'quota', amount, unit, period };
}

export const rateForm = 'write it as 50/s, 50/min or 50/h for requests, "500 texts/s" for texts';
export const quotaForm = 'write it as 100000/day or 100000/month for requests, "100000 texts/day" for texts';

export const rateSchema = z.string().refine((text) => parseRate(text), { error: `is no rate: ${rateForm}` });
export const quotaSchema = z.string().refine((text) => parseQuota(text), { error: `is no quota: ${quotaForm}` });

function parts(text: string): { readonly amount: number; readonly unit: Unit; readonly period: string } {
  const [, amount = '', unit, period = ''] = form.exec(text) ?? [];
  return { amount: Number(amount), unit: unit === 'texts' ? 'texts' : 'requests', period };
}
