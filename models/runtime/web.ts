/** @file Sessions in a browser, over onnxruntime-web (WebAssembly). Blocks its thread while it runs: pages keep it in a Web Worker. */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { wrapSession } from './ort-session.js';
import { openFirst } from './providers.js';
import type { Provider, Session, SessionOptions } from './session.js';

export type WebSessionOptions = SessionOptions & {
  /** Folder (ending in `/`) or exact addresses from which the runtime's own WebAssembly files are fetched. Default: beside the script. */
  readonly wasmPaths?: string | { readonly mjs?: string; readonly wasm?: string };
};

/**
 * Loads a model from its bytes. The first call also loads the runtime, once for the page: later calls cannot change
 * `wasmPaths` or `threads`. More than one thread needs a cross-origin isolated page.
 *
 * @throws UsageError `runtime/model` when it cannot be loaded, `runtime/provider` when none of the providers works here
 */
export async function createSession(model: Uint8Array, options: WebSessionOptions = {}): Promise<Session> {
  const { optimization = 'all', providers = ['wasm'], threads, wasmPaths } = options;
  if (wasmPaths !== undefined) env.wasm.wasmPaths = wasmPaths;
  if (threads !== undefined) env.wasm.numThreads = threads;
  env.logLevel = 'fatal'; // what the runtime would print on the way to an exception is in the exception
  const { opened, provider, fallbacks } = await openFirst(providers, supported, (candidate) =>
    InferenceSession.create(model, { executionProviders: [candidate], graphOptimizationLevel: levels[optimization] }),
  );
  return wrapSession(opened, { Tensor, writesInPlace: false }, provider, fallbacks);
}

const supported: Readonly<Record<Provider, string | null>> = {
  wasm: null,
  cpu: 'in a browser the processor is reached as wasm',
  cuda: 'browsers have no CUDA',
  webgpu: 'this build of the runtime is without WebGPU',
};

const levels = { none: 'disabled', basic: 'basic', all: 'all' } as const;
