/** @file The language of the service: requests, answers and refusals. */
export * from './classify.js';
export * from './errors.js';
export * from './explanation.js';
export * from './held.js';
export * from './info.js';
export * from './models.js';
export type * from './operation.js';
export * from './review.js';
export * from './shown.js';
