/** @file A bundle answers: over HTTP in Node. Browser code starts at `client/`. */

export { type Limits, limitsSchema } from './desk/index.js';
export * from './http/index.js';
