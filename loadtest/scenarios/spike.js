/** @file A story breaks: within a second ten times the load of before, twice what the server can do; then calm again, as if nothing had been. */
import { ask } from '../k6/ask.js';
import { arrivals, capacity, deadlineOf, demands, duration, p99Of, summaryTrendStats } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

const seconds = duration('40s') / 4;
const waitMs = deadlineOf(1_000);
const calm = { exec: 'spike', waitMs: 200 };

export const options = {
  scenarios: {
    before: arrivals(0.2 * capacity, seconds, calm),
    spike: arrivals(2 * capacity, seconds, { exec: 'spike', waitMs, startTime: seconds }),
    after: arrivals(0.2 * capacity, 2 * seconds, { ...calm, startTime: 2 * seconds + waitMs / 1000 }),
  },
  thresholds: {
    ...demands,
    'answered{scenario:spike}': [`count>=${Math.floor(0.9 * capacity * seconds)}`],
    'answer_ms{scenario:spike}': [`p(99)<=${waitMs}`],
    'refused_429{scenario:after}': ['count==0'],
    'refused_503{scenario:after}': ['count==0'],
    'answer_ms{scenario:after}': [`p(99)<${p99Of(150)}`],
  },
  summaryTrendStats,
};

export const spike = () => ask({ timeoutMs: waitMs });
