/** @file Who may ask, for what, and how much. */
export * from './access.js';
export { type Allowance, parseQuota, parseRate, quotaForm, rateForm, rateSchema, type Unit } from './allowance.js';
export { hashSecret, makeApiKey, writeApiKey } from './api-key.js';
export { isLoopback } from './client-address.js';
export { type KeyFile, readKeyFile, type StoredKey, writeKeyFile } from './key-file.js';
export type { Charge } from './limiter.js';
export { type Scope, scopeMeanings, scopes } from './scopes.js';
export { type Clock, createSteadyClock, systemClock } from './steady-clock.js';
