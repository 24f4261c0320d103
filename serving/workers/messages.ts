/** @file What passes between the pool and a worker thread. Arrays are transferred: the sender loses them. */

export type WorkerModel = {
  /** `name@version`. */
  readonly key: string;
  /** The `.onnx` file. */
  readonly path: string;
};

/** Given to a worker when it starts. */
export type WorkerSetup = { readonly models: readonly WorkerModel[]; readonly threads: number };

/** One padded batch; each array is `[batch, tokens]`, row-major. */
export type Job = {
  readonly model: string;
  readonly batch: number;
  readonly tokens: number;
  readonly ids: BigInt64Array<ArrayBuffer>;
  readonly mask: BigInt64Array<ArrayBuffer>;
  readonly types: BigInt64Array<ArrayBuffer>;
};

/** What a worker is asked, one after another: to run a batch, to load a model and warm it up, to let one go. */
export type Request = { readonly job: Job } | { readonly load: WorkerModel } | { readonly unload: string };

/** `'end'`: end as soon as what runs is done. */
export type ToWorker = (Request & { readonly id: number }) | 'end';

export type FromWorker =
  /** Every model is loaded and has answered once. */
  | { readonly kind: 'ready' }
  /** A model could not be loaded; the worker ends. */
  | { readonly kind: 'unloadable'; readonly message: string }
  /** `logits` is `[batch, labels]`; `seconds` is the time inside the session. */
  | { readonly kind: 'done'; readonly id: number; readonly logits: Float32Array<ArrayBuffer>; readonly seconds: number }
  /** The model is loaded and warm, or gone. */
  | { readonly kind: 'settled'; readonly id: number }
  /** The session refused the batch, or the model could not be loaded; the worker lives on. */
  | { readonly kind: 'refused'; readonly id: number; readonly message: string };
