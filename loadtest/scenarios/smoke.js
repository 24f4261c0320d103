/** @file Does it answer at all? A few requests a second for ten seconds. */
import { ask } from '../k6/ask.js';
import { arrivals, demands, nothingRefused, p99Of, summaryTrendStats } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

export const options = {
  scenarios: { smoke: arrivals(5, 10, { exec: 'smoke' }) },
  thresholds: { ...demands, ...nothingRefused, answer_ms: [`p(99)<${p99Of(500)}`] },
  summaryTrendStats,
};

export const smoke = () => ask();
