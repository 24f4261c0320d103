/** @file Gathers texts of all clients into batches, and knows what cannot be done in time. */
export * from './choose-batch.js';
export { inBackground } from './clients.js';
export * from './cost-model.js';
export * from './load-meter.js';
export * from './queue.js';
export * from './scheduler.js';
export * from './waiting.js';
