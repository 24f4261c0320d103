/** @file What answers, without a protocol: models, queue and workers behind one function. */
export * from './catalogue.js';
export * from './desk.js';
export * from './dispatcher.js';
export * from './limits.js';
export * from './metrics.js';
