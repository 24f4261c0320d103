/** @file A bundle answers: over HTTP in Node. Browser code starts at `client/`. */

export {
  hashSecret,
  type KeyFile,
  makeApiKey,
  parseQuota,
  parseRate,
  quotaForm,
  rateForm,
  readKeyFile,
  type Scope,
  type StoredKey,
  scopeMeanings,
  scopes,
  writeApiKey,
  writeKeyFile,
} from './access/index.js';
export { type Limits, limitsSchema } from './desk/index.js';
export * from './http/index.js';
export * from './jobs/index.js';
export * from './policy/index.js';
export { openReviewBook, type ReviewBook, reviewOptionsSchema, StoreFault, type TrainingCursor } from './review/index.js';
export * from './settings/index.js';
export { openTracing } from './tracing/index.js';
