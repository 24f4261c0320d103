/** @file How many bytes of request bodies are in hand, of all requests together. */
import { ServiceError } from '../../protocol/index.js';

/** Of one request. */
export type HeldBytes = {
  /** @throws ServiceError `queue-full` when the server holds enough already */
  hold(bytes: number): void;
  release(): void;
};

export type ByteBudget = { readonly bytes: number; open(): HeldBytes };

/**
 * A body of at most `small` bytes is always taken: their number is bounded by that of the connections. So those who send large
 * bodies slowly, and fill the budget with them, are in the way of large bodies only.
 */
export function createByteBudget(most: number, small = 16_384): ByteBudget {
  let held = 0;
  return {
    get bytes() {
      return held;
    },
    open() {
      let own = 0;
      return {
        hold(bytes) {
          if (own + bytes > small && held + bytes > most) {
            const fix = 'try again after the seconds named in Retry-After, or send smaller requests';
            throw new ServiceError('queue-full', 'the server holds as many bytes of requests as it may', fix, { 'retry-after': '1' });
          }
          own += bytes;
          held += bytes;
        },
        release() {
          held -= own;
          own = 0;
        },
      };
    },
  };
}
