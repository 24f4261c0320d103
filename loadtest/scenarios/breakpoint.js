/** @file How much is too much? From a quarter of the capacity to two and a half times it; beyond the point where it refuses, goodput must not fall. */
import { ask } from '../k6/ask.js';
import { arrivals, capacity, deadlineOf, demands, duration, summaryTrendStats } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

const seconds = duration('60s');
const waitMs = deadlineOf(1_000);
const [from, to] = [0.25, 2.5];
const { rate: _, duration: __, ...common } = arrivals(to * capacity, seconds, { exec: 'rising', waitMs });

/** What arrives up to the capacity, as a share of it: rising until it is reached, then all of it. */
const possible = (() => {
  const risen = (1 - from) / (to - from);
  return risen * (from + 1) * 0.5 + (1 - risen);
})();

export const options = {
  scenarios: {
    breakpoint: {
      ...common,
      executor: 'ramping-arrival-rate',
      startRate: Math.round(10 * from * capacity),
      stages: [{ target: Math.round(10 * to * capacity), duration: `${seconds}s` }],
    },
  },
  thresholds: {
    ...demands,
    answered: [`count>=${Math.floor(0.85 * possible * capacity * seconds)}`],
    answer_ms: [`p(99)<=${waitMs}`],
  },
  summaryTrendStats,
};

export const rising = () => ask({ timeoutMs: waitMs });
