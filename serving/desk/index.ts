/** @file What answers, without a protocol: models, queue and workers behind one function. */
export * from './catalogue.js';
export * from './check-model.js';
export * from './desk.js';
export * from './dispatcher.js';
export * from './explain.js';
export * from './limits.js';
export * from './metrics/job-metrics.js';
export * from './metrics/metrics.js';
export * from './metrics/review-metrics.js';
export * from './registry.js';
export * from './shadow.js';
export * from './worker-model.js';
