/** @file Every model of the server in turn. */
import exec from 'k6/execution';
import { ask } from '../k6/ask.js';
import { servedModels } from '../k6/models.js';
import { arrivals, capacity, demands, duration, nothingRefused, p99Of, summaryTrendStats } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

export const options = {
  scenarios: { mixed: arrivals(0.6 * capacity, duration('60s'), { exec: 'mixed' }) },
  thresholds: { ...demands, ...nothingRefused, answer_ms: [`p(99)<${p99Of(300)}`] },
  summaryTrendStats,
};

export const setup = () => ({ models: servedModels() });

export const mixed = ({ models }) => ask({ model: models[exec.scenario.iterationInTest % models.length] });
