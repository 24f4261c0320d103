/** @file Does it answer at all? A few requests a second for ten seconds. */
import { classify, demands } from './classify.js';

export const options = {
  scenarios: {
    smoke: { executor: 'constant-arrival-rate', rate: 5, timeUnit: '1s', duration: '10s', preAllocatedVUs: 10, exec: 'smoke' },
  },
  thresholds: { ...demands, http_req_duration: ['p(99)<500'] },
};

export const smoke = classify;
