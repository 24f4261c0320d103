/** @file How much work comes in, measured against what the workers can do. Pure; its clock is an argument. */

export type LoadMeter = {
  /** @param ms worker time that what was just asked for takes, whether it was taken on or refused */
  offered(ms: number, now: number): void;
  /** Work that came in to work that can be done: 1 is as much as there are workers for. */
  ratio(now: number, workers: number): number;
};

/**
 * An average over the past in which each moment counts less the longer ago it is: `memoryMs` ago, a third. Long enough that one large request is
 * no reason for another machine, short enough that one is there before readers notice.
 */
export function createLoadMeter(memoryMs = 30_000): LoadMeter {
  let sum = 0;
  let at = Number.NaN;
  const fade = (now: number): void => {
    // Calls come in order; the first has nothing to fade.
    if (at < now) sum *= Math.exp((at - now) / memoryMs);
    at = now;
  };
  return {
    offered(ms, now) {
      fade(now);
      sum += ms;
    },
    ratio(now, workers) {
      fade(now);
      return sum / memoryMs / Math.max(1, workers);
    },
  };
}
