/** @file Two versions of a model take turns, one reload after another, at half of what the server can do: nobody notices. */
import { ask } from '../k6/ask.js';
import { reload, twoVersions } from '../k6/models.js';
import { arrivals, capacity, demands, duration, nothingRefused, p99Of, summaryTrendStats } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

const seconds = duration('30s');

export const options = {
  scenarios: {
    readers: arrivals(0.5 * capacity, seconds, { exec: 'readers' }),
    reloads: { executor: 'constant-vus', vus: 1, duration: `${seconds}s`, exec: 'reloads', gracefulStop: '60s' },
  },
  thresholds: { ...demands, ...nothingRefused, reloads: ['count>=3'], answer_ms: [`p(99)<${p99Of(500)}`] },
  summaryTrendStats,
};

export const setup = () => ({ versions: twoVersions() });

export const readers = () => ask();
export const reloads = ({ versions }) => reload(versions, 0.5);
