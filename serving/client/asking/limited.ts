/** @file A promise that somebody waits for only so long. */
import { deadlineExceeded } from './copydesk-error.js';

/** What was begun goes on, for others that wait for it.
 *  @throws CopydeskError `deadline-exceeded`, or the signal's reason */
export function limited<T>(promise: Promise<T>, milliseconds: number, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const giveUp = (): void => reject(signal?.reason);
    const timer = Number.isFinite(milliseconds) ? setTimeout(() => reject(deadlineExceeded(milliseconds)), Math.min(milliseconds, longest)) : undefined; // biome-ignore format: one line
    signal?.addEventListener('abort', giveUp);
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    });
  });
}

/** Timers cannot be set for longer. */
export const longest = 2 ** 31 - 1;
