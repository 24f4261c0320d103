/** @file What page and worker say to each other. */
import type { Policy } from '../../../models/index.js';
import type { Correction, LearnProgress, Learnt } from '../../personal/index.js';
import type { Answer, Item, ModelDescription, ProblemCode, Runs } from '../asking/index.js';

export type Precision = 'fp32' | 'int8' | 'fp16';

/** How far loading has come. Bytes are those that are fetched and not those that this device has; `total` may grow when a further file is wanted. */
export type Progress =
  | { readonly phase: 'download'; readonly received: number; readonly total: number }
  /** The model has arrived and is made ready to run. */
  | { readonly phase: 'starting' }
  | { readonly phase: 'ready' };

export type LoadOrder = {
  /** The bundle's folder; ends in a slash. */
  readonly bundle: string;
  /** Of a server that asks for one; empty: none is sent. */
  readonly key: string;
  readonly precision: Precision | 'auto';
  /** 0: as many as the page may have and the device can use. */
  readonly threads: number;
  /** Of the Cache Storage; empty: nothing is kept. */
  readonly cache: string;
  /** What this device holds is opened, and the address is not asked for another. */
  readonly heldOnly: boolean;
  /** Thresholds in place of the bundle's own. */
  readonly policy: Policy['labels'] | undefined;
  /** A lock that the worker holds as long as it lives: so the page sees it end, whatever ended it. */
  readonly lock: string;
};

export type Loaded = Omit<ModelDescription, 'runs'> & {
  readonly runs: Extract<Runs, { where: 'browser' }>;
  /** sha256 of the model file that runs. */
  readonly sha256: string;
};

/** Milliseconds of the same runs on each way of computing, and what they gave. */
export type Timed = { readonly one: number; readonly many: number; readonly logits: readonly number[] };

export type TeachOrder = { readonly corrections: readonly Correction[]; readonly keep: readonly Item[] };

type Orders = {
  readonly load: { readonly order: LoadOrder; readonly result: Loaded };
  readonly classify: {
    readonly order: { readonly items: readonly Item[]; readonly explain: { readonly label?: string } | undefined };
    readonly result: readonly Answer[];
  };
  readonly time: { readonly order: null; readonly result: Timed };
  readonly teach: { readonly order: TeachOrder; readonly result: { readonly learnt: Learnt; readonly head: Uint8Array } };
  /** Ends what is being learnt, if anything is. */
  readonly stop: { readonly order: null; readonly result: null };
  /** Answers by this head from now on; `null`: as exported. */
  readonly restore: { readonly order: Uint8Array | null; readonly result: null };
};
export type OrderKind = keyof Orders;
export type Order<K extends OrderKind> = Orders[K]['order'];
export type Result<K extends OrderKind> = Orders[K]['result'];

export type ToWorker = { [K in OrderKind]: { readonly kind: K; readonly id: number; readonly order: Order<K> } }[OrderKind];
export type FromWorker =
  | { readonly kind: 'alive' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'learning'; readonly progress: LearnProgress }
  | { readonly kind: 'done'; readonly id: number; readonly result: Result<OrderKind> }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly code: ProblemCode;
      readonly message: string;
      readonly fix: string;
      /** Whether the runtime may be broken: the worker is to be ended. */
      readonly fatal: boolean;
    };
