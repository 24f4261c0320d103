/** @file When a request is made again, and after how long. */
import { CopydeskError } from '../asking/index.js';

export type RetryOptions = {
  /** Requests made again after the first, at most. */
  readonly retries: number;
  /** When it must be over, by `performance.now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  /** Of tests: numbers in 0..1. */
  readonly random?: () => number;
};

/** What may go well the next time: nothing came back, too much at once, or not ready. */
const passing: ReadonlySet<number | undefined> = new Set([408, 429, 502, 503, 504]);

/** More time is the only remedy, unless the server says when. */
const worthAnother = ({ code, status, retryAfter }: CopydeskError): boolean =>
  code === 'unreachable' || (passing.has(status) && (code !== 'deadline-exceeded' || retryAfter !== undefined));

/** Milliseconds that the first repetition waits at most, and any. */
const first = 250;
const most = 8_000;

/**
 * Asks until it is answered, refused for good, or out of time. A wait is as long as the server says, else a random part of one that doubles:
 * clients that were refused together do not come back together.
 *
 * @throws what the last request threw
 */
export async function withRetries<T>(ask: () => Promise<T>, { retries, deadline, signal, random = Math.random }: RetryOptions): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || attempt >= retries || !(error instanceof CopydeskError) || !worthAnother(error)) throw error;
      const wait = error.retryAfter ?? Math.min(most, first * 2 ** attempt) * (0.5 + random() / 2);
      if (performance.now() + wait >= deadline) throw error;
      await pause(wait, signal);
    }
  }
}

export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** @param now milliseconds since 1970, for a header that holds a date
 *  @returns milliseconds; `undefined` where the answer does not say */
export function retryAfterOf(headers: Headers, now: number): number | undefined {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (exact >= 0) return exact;
  const said = headers.get('retry-after');
  if (said === null) return undefined;
  const seconds = Number(said);
  if (seconds >= 0) return seconds * 1000;
  const at = Date.parse(said);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
