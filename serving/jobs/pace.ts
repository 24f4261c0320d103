/** @file How fast a job goes, for a guess at when it is done. Its clock is an argument. */

export type Pace = {
  /** So many are done now. */
  mark(done: number): void;
  /** Until `left` more are; `undefined` before anything was. */
  secondsFor(left: number): number | undefined;
};

/** Of the last minute or so: a job that was slow in the morning is not slow for ever. */
export function createPace(now: () => number, windowMs = 60_000): Pace {
  const marks: { readonly at: number; readonly done: number }[] = [];
  return {
    mark(done) {
      marks.push({ at: now(), done });
      while (marks.length > 2 && marks[1]!.at <= now() - windowMs) marks.shift();
    },
    secondsFor(left) {
      const [first, last] = [marks[0], marks.at(-1)];
      if (!first || !last || last.done === first.done) return undefined;
      const perMs = (last.done - first.done) / Math.max(1, last.at - first.at);
      return Math.ceil(left / perMs / 1_000);
    },
  };
}
