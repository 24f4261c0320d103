/** @file Our `createSession` over one of the builds of onnxruntime-web. Sessions block their thread while they run: pages keep them in a Web Worker. */
import type { Env, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-web';
import { wrapSession } from './ort-session.js';
import { openFirst } from './providers.js';
import type { Provider, Session, SessionOptions } from './session.js';

export type WebSessionOptions = SessionOptions & {
  /** Folder (ending in `/`) or exact addresses from which the runtime's own WebAssembly files are fetched. Default: beside the script. */
  readonly wasmPaths?: string | { readonly mjs?: string; readonly wasm?: string };
  /** What stands beside the model and holds weights of it, by the path that the model names. */
  readonly beside?: Readonly<Record<string, Uint8Array>>;
};

/**
 * Loads a model from its bytes. The first call also loads the runtime, once for the page: later calls cannot change
 * `wasmPaths` or `threads`. More than one thread needs a cross-origin isolated page.
 *
 * @throws UsageError `runtime/model` when it cannot be loaded, `runtime/provider` when none of the providers works here
 */
export type CreateWebSession = (model: Uint8Array, options?: WebSessionOptions) => Promise<Session>;

export type OrtBuild = {
  readonly env: Env;
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
};

/** @param withoutGpu why this build cannot reach WebGPU, or `null` */
export function webSessions({ env, InferenceSession, Tensor }: OrtBuild, withoutGpu: string | null): CreateWebSession {
  const supported: Readonly<Record<Provider, string | null>> = {
    wasm: null,
    cpu: 'in a browser the processor is reached as wasm',
    cuda: 'browsers have no CUDA',
    webgpu: withoutGpu,
  };
  return async (model, options: WebSessionOptions = {}) => {
    const { optimization = 'all', providers = ['wasm'], threads, wasmPaths, beside = {} } = options;
    if (wasmPaths !== undefined) env.wasm.wasmPaths = wasmPaths;
    if (threads !== undefined) env.wasm.numThreads = threads;
    env.logLevel = 'fatal'; // what the runtime would print on the way to an exception is in the exception
    const externalData = Object.entries(beside).map(([path, data]) => ({ path, data }));
    const { opened, provider, fallbacks } = await openFirst(providers, supported, (candidate) =>
      InferenceSession.create(model, {
        executionProviders: [candidate],
        graphOptimizationLevel: levels[optimization],
        logSeverityLevel: 4,
        ...(externalData.length === 0 ? {} : { externalData }),
      }),
    );
    return wrapSession(opened, { Tensor, writesInPlace: false }, provider, fallbacks);
  };
}

const levels = { none: 'disabled', basic: 'basic', all: 'all' } as const;
