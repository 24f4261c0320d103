/** @file How long a caller waits, in a header: for callers whose protocol has no field for it, and for proxies that know better. */
import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from '../../protocol/index.js';

export const timeoutHeader = 'x-copydesk-timeout-ms';

/**
 * The shorter of what the header and the body say: whoever passes a request on may have less time than the one who wrote it.
 *
 * @throws ServiceError `invalid-request` for a header that is no whole number of milliseconds
 */
export function shorterTimeout(headers: IncomingHttpHeaders, given: number | undefined): number | undefined {
  const header = headers[timeoutHeader];
  if (header === undefined) return given;
  if (typeof header !== 'string' || !/^[1-9]\d{0,8}$/.test(header))
    throw new ServiceError(
      'invalid-request',
      `the header ${timeoutHeader} is no whole number`,
      'send milliseconds, from 1 on',
      {},
      timeoutHeader,
    );
  return Math.min(Number(header), given ?? Number.POSITIVE_INFINITY);
}

/** For the way back, and for the moment until the answer is written: this share of the time, at most so many milliseconds. */
const wayBack = { share: 0.05, mostMs: 50 };

/** A client waits from when its request came, not from when we came to read it, and until it has the answer. Not more than 0 where nothing is left. */
export function leftOf(timeoutMs: number | undefined, spentMs: number): number | undefined {
  if (timeoutMs === undefined) return undefined;
  return Math.ceil(timeoutMs - Math.min(wayBack.share * timeoutMs, wayBack.mostMs) - spentMs);
}
