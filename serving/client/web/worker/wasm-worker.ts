/** @file Becomes `worker.js`: the model on the processor. */
import { createSession } from '../../../../models/runtime/web.js';
import { startWorker } from './start-worker.js';

startWorker({
  provider: 'wasm',
  createSession,
  // Written out, so that bundlers see which files belong to it.
  files: {
    mjs: new URL('./ort/ort-wasm-simd-threaded.mjs', import.meta.url).href,
    wasm: new URL('./ort/ort-wasm-simd-threaded.wasm', import.meta.url).href,
  },
});
