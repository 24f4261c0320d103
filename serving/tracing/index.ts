/** @file Where a request belongs in a trace, and what the server adds to it. */
export * from './open-tracing.js';
export * from './trace-context.js';
export * from './tracing.js';
