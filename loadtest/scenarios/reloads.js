/** @file A hundred reloads, one a second, while a few requests go on: what they leave behind in memory. */
import { ask } from '../k6/ask.js';
import { reload, twoVersions } from '../k6/models.js';
import { arrivals, demands, nothingRefused, p99Of, summaryTrendStats } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

const count = Number(__ENV.RELOADS || 100);
const seconds = 1;

export const options = {
  scenarios: {
    readers: arrivals(20, count * seconds, { exec: 'readers' }),
    reloads: { executor: 'per-vu-iterations', vus: 1, iterations: count, maxDuration: '30m', exec: 'reloads' },
  },
  thresholds: { ...demands, ...nothingRefused, reloads: [`count==${count}`], answer_ms: [`p(99)<${p99Of(500)}`] },
  summaryTrendStats,
};

export const setup = () => ({ versions: twoVersions() });

export const readers = () => ask({ mix: 'mixed' });
export const reloads = ({ versions }) => reload(versions, seconds);
