/** @file The load of an ordinary day: requests arrive at a fixed rate, whether or not earlier ones have been answered. */
import { classify, demands } from './classify.js';

const rate = Number(__ENV.RATE || 100);
const duration = __ENV.DURATION || '60s';
/** Milliseconds. */
const p99 = Number(__ENV.P99_MS || 150);

export const options = {
  scenarios: {
    average: { executor: 'constant-arrival-rate', rate, timeUnit: '1s', duration, preAllocatedVUs: 2 * rate, exec: 'average' },
  },
  thresholds: { ...demands, http_req_duration: [`p(99)<${p99}`] },
};

export const average = classify;
