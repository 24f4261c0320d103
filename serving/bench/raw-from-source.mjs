/** @file Starts `raw-worker.ts` uncompiled, for the benchmarks' tests: a thread does not inherit the loader that reads TypeScript. */
import { register } from 'tsx/esm/api';

register();
await import('./raw-worker.ts');
