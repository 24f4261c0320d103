/** @file Headlines among articles: those who ask little do not wait for those who ask much. */
import { ask } from '../k6/ask.js';
import { arrivals, capacity, demands, duration, nothingRefused, p99Of, summaryTrendStats } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

const most = p99Of(500);

export const options = {
  scenarios: { mixed: arrivals(0.6 * capacity, duration('60s'), { exec: 'mixed' }) },
  thresholds: {
    ...demands,
    ...nothingRefused,
    answer_ms: [`p(99)<${most}`],
    'answer_ms{kind:headline}': [`p(95)<${most / 2}`, `p(99)<${most}`],
    'answer_ms{kind:paragraph}': [`p(99)<${most}`],
    'answer_ms{kind:article}': [`p(99)<${2 * most}`],
  },
  summaryTrendStats,
};

export const mixed = () => ask({ mix: 'mixed' });
