/** @file What a client has left, in headers: the two of the IETF draft, and those that clients of OpenAI read. */
import { type Unit, units } from './allowance.js';

/** How a client stands with one rate or quota. */
export type Standing = {
  readonly name: string;
  readonly unit: Unit;
  readonly amount: number;
  /** Seconds for which `amount` is given. */
  readonly window: number;
  readonly remaining: number;
  /** Seconds until nothing is used. */
  readonly reset: number;
};

/**
 * `RateLimit-Policy` and `RateLimit` name every limit (draft-ietf-httpapi-ratelimit-headers, from version 8 on). The
 * `x-ratelimit-*-requests` and `-texts` have room for one each: the one with the least left.
 */
export function rateHeaders(standings: readonly Standing[]): Readonly<Record<string, string>> {
  if (standings.length === 0) return {};
  const headers: Record<string, string> = {
    'ratelimit-policy': standings.map(({ name, amount, window, unit }) => `"${name}";q=${amount};w=${window}${unitOf[unit]}`).join(', '),
    ratelimit: standings.map(({ name, remaining, reset }) => `"${name}";r=${remaining};t=${Math.ceil(reset)}`).join(', '),
  };
  for (const unit of units) {
    const [tightest] = standings.filter((one) => one.unit === unit).sort((a, b) => a.remaining - b.remaining || b.reset - a.reset);
    if (!tightest) continue;
    headers[`x-ratelimit-limit-${unit}`] = String(tightest.amount);
    headers[`x-ratelimit-remaining-${unit}`] = String(tightest.remaining);
    headers[`x-ratelimit-reset-${unit}`] = duration(tightest.reset);
  }
  return headers;
}

/** Requests are what the draft counts unless told otherwise. */
const unitOf: { readonly [U in Unit]: string } = { requests: '', texts: ';qu="texts"' };

/** As Go writes it, and OpenAI with it: `12ms`, `1.5s`, `6m0s`, `23h59m59s`. */
function duration(seconds: number): string {
  const ms = Math.ceil(seconds * 1000);
  if (ms < 1000) return `${ms}ms`;
  const whole = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = `${(ms % 60_000) / 1000}s`;
  return hours > 0 ? `${hours}h${minutes}m${rest}` : minutes > 0 ? `${minutes}m${rest}` : rest;
}
