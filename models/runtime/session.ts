/** @file What it is to run a graph: named tensors in, named tensors out. `node.ts` and `web.ts` are the two ways. */

export type TensorType = 'float32' | 'float64' | 'float16' | 'int64' | 'int32' | 'uint8' | 'int8' | 'bool';
export type TensorData = Float32Array | Float64Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array | Int8Array;

/** A dense row-major array. `float16` is carried in a Uint16Array, `bool` in a Uint8Array of 0 and 1. */
export type Tensor = { readonly type: TensorType; readonly dims: readonly number[]; readonly data: TensorData };
export type Tensors = Readonly<Record<string, Tensor>>;

export type SessionOptions = {
  /** Execution providers in order of preference; the first that works is used. Default `['cpu']`. */
  readonly providers?: readonly Provider[];
  /** Threads of one operator. Default: the runtime's own choice. */
  readonly threads?: number;
  /** Graph optimisation. Float64 graphs need `basic`. Default `all`. */
  readonly optimization?: 'none' | 'basic' | 'all';
};
export type Provider = 'cpu' | 'cuda' | 'webgpu' | 'wasm';

/** A loaded model. Runs on one session queue up; a session belongs to one thread. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** The provider that really runs, after any fallback. */
  readonly provider: Provider;
  /** Why earlier providers were passed over, one sentence each; empty when the first choice runs. */
  readonly fallbacks: readonly string[];
  /** `outputs` may hold pre-allocated tensors: those are written in place, the others are new. Only the outputs named are computed; default all. */
  run(feeds: Tensors, outputs?: Readonly<Record<string, Tensor | null>>): Promise<Tensors>;
  dispose(): Promise<void>;
}
