/** @file A bad day: up to nine tenths of what the server can do, held, and down again. */
import { ask } from '../k6/ask.js';
import { arrivals, capacity, demands, duration, nothingRefused, p99Of, summaryTrendStats } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

const seconds = duration('60s');
const high = Math.round(9 * capacity);
const steady = arrivals(0.9 * capacity, seconds, { exec: 'stress', waitMs: 2_000 });
const { rate: _, duration: __, ...common } = steady;

export const options = {
  scenarios: {
    stress: {
      ...common,
      executor: 'ramping-arrival-rate',
      startRate: Math.round(2 * capacity),
      stages: [
        { target: high, duration: `${seconds / 4}s` },
        { target: high, duration: `${seconds / 2}s` },
        { target: Math.round(2 * capacity), duration: `${seconds / 4}s` },
      ],
    },
  },
  thresholds: { ...demands, ...nothingRefused, answer_ms: [`p(99)<${p99Of(1_000)}`] },
  summaryTrendStats,
};

export const stress = () => ask();
