/** @file Sessions in Node, over onnxruntime-node. Blocks its thread while it runs: servers give each session a worker thread. */
import { existsSync } from 'node:fs';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { UsageError } from '../errors.js';
import { wrapSession } from './ort-session.js';
import { openFirst } from './providers.js';
import type { Provider, Session, SessionOptions } from './session.js';

export type NodeSessionOptions = SessionOptions & {
  /** Whether idle threads spin while they wait. Default true, the runtime's own; false when several sessions share the cores. */
  readonly spinning?: boolean;
};

/**
 * Loads a model.
 *
 * @param model the bytes of an `.onnx` file, or its path
 * @throws UsageError `runtime/model` when it cannot be read or loaded, `runtime/provider` when none of the providers works here
 */
export async function createSession(model: Uint8Array | string, options: NodeSessionOptions = {}): Promise<Session> {
  if (typeof model === 'string' && !existsSync(model)) {
    throw new UsageError('runtime/model', `session: there is no model file at ${model}`, 'give the path of an .onnx file.');
  }
  env.logLevel = 'fatal'; // what the runtime would print on the way to an exception is in the exception
  const { opened, provider, fallbacks } = await openFirst(options.providers ?? ['cpu'], supported, (candidate) =>
    typeof model === 'string'
      ? InferenceSession.create(model, ortOptions(candidate, options))
      : InferenceSession.create(model, ortOptions(candidate, options)),
  );
  return wrapSession(opened, { Tensor, writesInPlace: true }, provider, fallbacks);
}

/** Of onnxruntime-node, for logs and benchmarks. */
export const runtimeVersion: string = env.versions.node ?? 'unknown';

const supported: Readonly<Record<Provider, string | null>> = {
  cpu: null,
  cuda: null,
  webgpu: null,
  wasm: 'the wasm provider runs in browsers only',
};

function ortOptions(
  provider: Provider,
  { threads, optimization = 'all', spinning = true }: NodeSessionOptions,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    interOpNumThreads: 1,
    graphOptimizationLevel: levels[optimization],
    ...(spinning ? {} : { extra: { session: { intra_op: { allow_spinning: '0' } } } }),
  };
}

const levels = { none: 'disabled', basic: 'basic', all: 'all' } as const;
