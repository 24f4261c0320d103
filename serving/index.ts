/** @file A bundle answers: over HTTP in Node. Browser code starts at `client/`. */
export * from './http/index.js';
