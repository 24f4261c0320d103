/** @file Becomes `worker-webgpu.js`: the model on the GPU. Loaded only where there is one. */
import { createSession } from '../../../../models/runtime/webgpu.js';
import { startWorker } from './start-worker.js';

startWorker({
  provider: 'webgpu',
  createSession,
  // Written out, so that bundlers see which files belong to it.
  files: {
    mjs: new URL('./ort/ort-wasm-simd-threaded.jspi.mjs', import.meta.url).href,
    wasm: new URL('./ort/ort-wasm-simd-threaded.jspi.wasm', import.meta.url).href,
  },
});
