/** @file What is done with a text whose scores are known: thresholds, word lists, clients, or only watching. */
export { decide, ruleName } from './decide.js';
export { type LivePolicy, openPolicy } from './open-policy.js';
export { parseJson, parsePolicy } from './parse-policy.js';
export { type Asked, allThresholds, checkLabels, createPolicyBook, type JudgedModel, type PolicyBook } from './policy-book.js';
export {
  type Fitted,
  type FittedThreshold,
  fittedThresholdSchema,
  type PolicyFile,
  policyFileSchema,
  type Threshold,
  type Thresholds,
} from './policy-file.js';
export { readPolicyBook, readPolicyFile } from './read-policy-book.js';
export type { WordHit, WordHits, WordList } from './word-lists.js';
