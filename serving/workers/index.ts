/** @file Sessions in threads of their own. */
export type { ExplainFile, Job, Opened, WorkerModel, WorkerSetup } from './messages.js';
export * from './pool.js';
