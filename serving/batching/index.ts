/** @file Gathers texts of all clients into batches. */
export * from './choose-batch.js';
export * from './queue.js';
