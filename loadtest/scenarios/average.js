/** @file The load of an ordinary day: half of what the server can do. */
import { ask } from '../k6/ask.js';
import { arrivals, capacity, demands, duration, nothingRefused, p99Of, summaryTrendStats } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

export const options = {
  scenarios: { average: arrivals(0.5 * capacity, duration('60s'), { exec: 'average' }) },
  thresholds: { ...demands, ...nothingRefused, answer_ms: [`p(99)<${p99Of(150)}`] },
  summaryTrendStats,
};

export const average = () => ask();
