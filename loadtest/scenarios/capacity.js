/** @file How much the server can do: 32 clients, each asking again as soon as it was answered. What the other scenarios' rates are shares of. */
import { ask } from '../k6/ask.js';
import { servedModels } from '../k6/models.js';
import { demands, duration } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

const seconds = duration('10s');
const clients = { executor: 'constant-vus', vus: Number(__ENV.CLIENTS || 32), exec: 'client', gracefulStop: '30s' };

export const options = {
  scenarios: {
    warm: { ...clients, duration: '3s' },
    measure: { ...clients, duration: `${seconds}s`, startTime: '3s' },
  },
  thresholds: { ...demands, 'answered{scenario:measure}': ['count>0'] },
};

export const setup = () => ({ models: __ENV.MODELS === 'all' ? servedModels() : [] });

export function client({ models }) {
  ask({ mix: __ENV.MIX, model: models[__ITER % models.length] });
}
