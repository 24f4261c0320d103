/** @file What passes between the pool and a worker thread. Arrays are transferred: the sender loses them. */
import type { Provider } from '../../models/index.js';
import type { Placement } from '../../models/runtime/node.js';

export type WorkerModel = {
  /** `name@version`. */
  readonly key: string;
  /** The `.onnx` file. */
  readonly path: string;
  /** Where the model can be explained by its gradient. */
  readonly explain?: ExplainFile | undefined;
};

/** An explain graph, and the file whose weights it reads: its path and its sha256. */
export type ExplainFile = { readonly path: string; readonly weights: string; readonly sha256: string };

/** Given to a worker when it starts. */
export type WorkerSetup = {
  readonly models: readonly WorkerModel[];
  /** Of each session. */
  readonly threads: number;
  /** Of the sessions that `widen` opens. Default: as `threads`. */
  readonly wideThreads?: number;
  /** What may compute, the best first; default the CPU. */
  readonly providers?: readonly Provider[];
};

/** How a worker came to run a model. */
export type Opened = {
  readonly key: string;
  /** What really computes. */
  readonly provider: Provider;
  /** Why what was asked for before it does not, a sentence each. */
  readonly fallbacks: readonly string[];
  /** Operations by provider, where that was looked at. */
  readonly placement?: Placement | undefined;
};

/** One padded batch; each array is `[batch, tokens]`, row-major. */
export type Job = {
  readonly model: string;
  readonly batch: number;
  readonly tokens: number;
  readonly ids: BigInt64Array<ArrayBuffer>;
  readonly mask: BigInt64Array<ArrayBuffer>;
  readonly types: BigInt64Array<ArrayBuffer>;
  /** Whether the other workers have nothing to do, so that it may run on their cores too. */
  readonly wide?: boolean;
  /** Whether nobody else has asked for a while, so that the thread that listens may stop listening for it. */
  readonly alone?: boolean;
  /** The rows are points on the way to texts, for the explain graph: what comes back is `[batch, 1 + tokens]`. */
  readonly way?: Way;
};

/** `[batch, tokens]`, `[batch]` and `[batch, labels]`. */
export type Way = {
  readonly baseline: BigInt64Array<ArrayBuffer>;
  readonly progress: Float32Array<ArrayBuffer>;
  readonly label: Float32Array<ArrayBuffer>;
};

/** What a batch came to. */
export type JobResult = {
  readonly logits: Float32Array;
  /** Inside the session. */
  readonly seconds: number;
  /** It ran on the cores of other workers too, and took less time than it would have on one. */
  readonly wide: boolean;
  /** A session was opened for it first. */
  readonly cold?: boolean;
  /** It ran in the thread that called. */
  readonly inline?: boolean;
};

/** What a worker is asked, one after another: to run a batch, to load a model and warm it up, to open it with several threads too, to let it go. */
export type Request =
  | { readonly job: Job }
  | { readonly load: WorkerModel }
  | { readonly widen: WorkerModel }
  | { readonly unload: string };

/** `'end'`: end as soon as what runs is done. */
export type ToWorker = (Request & { readonly id: number }) | 'end';

export type FromWorker =
  /** Every model is loaded and has answered once. */
  | { readonly kind: 'ready'; readonly opened: readonly Opened[] }
  /** A model could not be loaded; the worker ends. */
  | { readonly kind: 'unloadable'; readonly message: string; readonly fix: string }
  /** `logits` is `[batch, labels]`, or what an explain graph gives; `seconds` is the time inside the session; `wide` says whether it was one of several threads. */
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly logits: Float32Array<ArrayBuffer>;
      readonly seconds: number;
      readonly wide: boolean;
      /** Whether a session had to be opened for it first. */
      readonly cold?: boolean;
    }
  /** The model is loaded and warm, or gone. */
  | { readonly kind: 'settled'; readonly id: number; readonly opened?: Opened | undefined }
  /** The session refused the batch, or the model could not be loaded; the worker lives on. */
  | { readonly kind: 'refused'; readonly id: number; readonly message: string };

/** All that a batch hands over. */
export const buffersOf = ({ ids, mask, types, way }: Job): ArrayBuffer[] =>
  [ids, mask, types, ...(way ? [way.baseline, way.progress, way.label] : [])].map(({ buffer }) => buffer);
