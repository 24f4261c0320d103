/** @file Sessions in Node, over onnxruntime-node. Blocks its thread while it runs: servers give each session a worker thread. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env, InferenceSession, listSupportedBackends, Tensor as OrtTensor } from 'onnxruntime-node';
import { UsageError } from '../errors.js';
import { keptOutputs } from '../onnx/to-onnx.js';
import { DeviceTensor } from './device-tensor.js';
import { fromOrt, runtimeError, toOrt, wrapSession } from './ort-session.js';
import { openFirst } from './providers.js';
import type { Provider, Session, SessionOptions, Tensor, Tensors } from './session.js';

export type NodeSessionOptions = SessionOptions & {
  /**
   * Whether idle threads spin while they wait. Default true, the runtime's own; false when several sessions share the cores;
   * `'running'`: within a run, and no longer once it has ended.
   */
  readonly spinning?: boolean | 'running';
  /**
   * Whether the runtime lays out the memory of a run as a whole, as it saw it used by the first run of those sizes. Default true, its own; false
   * where what a run holds matters: a training step then takes little more than half.
   */
  readonly planned?: boolean;
  /** Outputs that `runKept` leaves on the device. Of the provider `webgpu`, the only one whose memory the Node binding knows. */
  readonly keep?: readonly string[];
  /** Folder in which a profile of what runs is written, until `endProfile`. Default: none is. */
  readonly profileIn?: string;
};

export type KeptResults = { readonly tensors: Tensors; readonly kept: Readonly<Record<string, DeviceTensor>> };

export type NodeSession = Session & {
  /**
   * Runs a file written with `keepsOutputs` and hands nothing back: every output is written into the tensor given for it. The results of `run`
   * are copies, also of what was written where it is wanted: onnxruntime-node 1.30 makes a new array for each output that it converts.
   */
  runInto(feeds: Tensors, outputs: Tensors): Promise<void>;
  /** Feeds what is in either memory. The outputs named by `keep` come as `kept`, the others as `tensors`. */
  runKept(feeds: Readonly<Record<string, Tensor | DeviceTensor>>): Promise<KeptResults>;
  /** Closes the profile, if there is one. */
  endProfile(): void;
};

/**
 * Loads a model.
 *
 * @param model the bytes of an `.onnx` file, or its path
 * @throws UsageError `runtime/model` when it cannot be read or loaded, `runtime/provider` when none of the providers works here
 */
export async function createSession(model: Uint8Array | string, options: NodeSessionOptions = {}): Promise<NodeSession> {
  if (typeof model === 'string' && !existsSync(model)) {
    throw new UsageError('runtime/model', `session: there is no model file at ${model}`, 'give the path of an .onnx file.');
  }
  env.logLevel = 'fatal'; // what the runtime would print on the way to an exception is in the exception
  const { opened, provider, fallbacks } = await openFirst(options.providers ?? ['cpu'], supported, (candidate) =>
    typeof model === 'string'
      ? InferenceSession.create(model, ortOptions(candidate, options))
      : InferenceSession.create(model, ortOptions(candidate, options)),
  );
  const session = wrapSession(opened, { Tensor: OrtTensor, writesInPlace: true }, provider, fallbacks);
  return {
    ...session,
    endProfile: () => options.profileIn !== undefined && opened.endProfiling(),
    async runKept(feeds) {
      const given = Object.entries(feeds).map(([name, tensor]) => [
        name,
        tensor instanceof DeviceTensor ? tensor.ort : toOrt(OrtTensor, tensor),
      ]);
      const results = await opened.run(Object.fromEntries(given)).catch((error: unknown) => {
        throw runtimeError(error, opened.inputNames);
      });
      const [kept, tensors]: [Record<string, DeviceTensor>, Record<string, Tensor>] = [{}, {}];
      for (const [name, result] of Object.entries(results) as [string, OrtTensor][])
        if (result.location === 'gpu-buffer') kept[name] = new DeviceTensor(result);
        else tensors[name] = fromOrt(result);
      return { tensors, kept };
    },
    runInto: async (feeds, outputs) => {
      try {
        await session.run(feeds, { [keptOutputs]: null, ...outputs });
      } catch (error) {
        if (!(error instanceof UsageError && error.message.includes(listRefused))) throw error;
      }
    },
  };
}

/**
 * What onnxruntime-node says of an output that is a list. It comes to converting the outputs once all are computed, in the order of the file,
 * and ends there: so before it has copied any. A version that converts lists would copy, and be as right.
 */
const listRefused = 'Non tensor type is temporarily not supported';

/** Of onnxruntime-node, for logs and benchmarks. */
export const runtimeVersion: string = env.versions.node ?? 'unknown';

/** Providers that this build of the runtime knows, and whether all it needs came with the package. */
export const runtimeProviders = (): readonly { readonly name: string; readonly bundled: boolean }[] => listSupportedBackends();

const supported: Readonly<Record<Provider, string | null>> = {
  cpu: null,
  cuda: null,
  webgpu: null,
  wasm: 'the wasm provider runs in browsers only',
};

function ortOptions(
  provider: Provider,
  { threads, optimization = 'all', spinning = true, planned = true, keep = [], profileIn }: NodeSessionOptions,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    interOpNumThreads: 1,
    graphOptimizationLevel: levels[optimization],
    enableMemPattern: planned,
    ...(keep.length === 0 ? {} : { preferredOutputLocation: Object.fromEntries(keep.map((name) => [name, 'gpu-buffer' as const])) }),
    ...(profileIn === undefined ? {} : { enableProfiling: true, profileFilePrefix: join(profileIn, provider) }),
    ...(spinning === true ? {} : { extra: { session: spinning ? { force_spinning_stop: '1' } : { intra_op: { allow_spinning: '0' } } } }),
  };
}

const levels = { none: 'disabled', basic: 'basic', all: 'all' } as const;
