/** @file Twenty minutes at seven tenths of what the server can do, with a reload every ten seconds: no error, and no memory that grows. */
import { ask } from '../k6/ask.js';
import { reload, twoVersions } from '../k6/models.js';
import { arrivals, capacity, demands, duration, nothingRefused, p99Of, summaryTrendStats } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

const seconds = duration('20m');
const pauseSeconds = Number(__ENV.RELOAD_EVERY || 10);

export const options = {
  scenarios: {
    readers: arrivals(0.7 * capacity, seconds, { exec: 'readers' }),
    reloads: { executor: 'constant-vus', vus: 1, duration: `${seconds}s`, exec: 'reloads', gracefulStop: '60s' },
  },
  thresholds: { ...demands, ...nothingRefused, reloads: ['count>=1'], answer_ms: [`p(99)<${p99Of(500)}`] },
  summaryTrendStats,
};

export const setup = () => ({ versions: twoVersions() });

export const readers = () => ask({ mix: 'mixed' });
export const reloads = ({ versions }) => reload(versions, pauseSeconds);
