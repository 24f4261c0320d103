/** @file The time of day for quotas, from a clock that may be set while the server runs. */

export type Clock = {
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  /** Milliseconds since 1970, as the machine believes at this moment. */
  readonly wall: () => number;
};

export const systemClock: Clock = { monotonic: () => performance.now(), wall: () => Date.now() };

/** Corrections up to this size are followed at once; they move no day. ms */
const small = 60_000;
/** A larger jump is believed when it has lasted this long: then the clock was wrong before, or the machine had been asleep. ms */
const patience = 600_000;

/**
 * Goes on from the time at the start by the monotonic clock, so that a clock that is set to tomorrow and back again neither gives a
 * day's quota away nor takes one.
 */
export function createSteadyClock({ monotonic, wall }: Clock): () => number {
  /** What to add to the monotonic clock. */
  let offset = wall() - monotonic();
  let jump: { readonly offset: number; readonly since: number } | undefined;
  return () => {
    const now = monotonic();
    const believed = wall() - now;
    if (Math.abs(believed - offset) <= small) {
      offset = believed;
      jump = undefined;
    } else if (!jump || Math.abs(believed - jump.offset) > small) jump = { offset: believed, since: now };
    else if (now - jump.since >= patience) {
      offset = believed;
      jump = undefined;
    }
    return now + offset;
  };
}
