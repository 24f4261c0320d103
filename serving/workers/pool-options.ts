/** @file What a pool is given, and what it tells. */
import { availableParallelism } from 'node:os';
import type { Opened, WorkerSetup } from './messages.js';

export type PoolOptions = WorkerSetup & {
  /** Threads. Default: as many as there are cores. */
  readonly size?: number;
  /** The script of a thread; default `worker.ts` beside this file. */
  readonly entry?: URL;
  /** Longest time for which the thread that calls may compute a batch that is alone; 0: never. Milliseconds, default 0. */
  readonly inlineMs?: number;
  /** A batch that takes longer has hung: its thread is ended. Milliseconds, default 60,000. */
  readonly hangMs?: number;
  /** Wait before a lost thread is replaced: doubles from `first` to `most` while replacements fail. Milliseconds. */
  readonly backoff?: { readonly first: number; readonly most: number };
  readonly on?: (event: PoolEvent) => void;
};

export type PoolEvent =
  | { readonly kind: 'lost'; readonly worker: number; readonly reason: string; readonly restartMs: number }
  | { readonly kind: 'restarted'; readonly worker: number }
  /** A worker has loaded a model. */
  | { readonly kind: 'opened'; readonly worker: number; readonly opened: Opened }
  /** No worker has the model any more. */
  | { readonly kind: 'unloaded'; readonly model: string };

export function poolDefaults(): Pick<
  Required<PoolOptions>,
  'size' | 'entry' | 'hangMs' | 'inlineMs' | 'backoff' | 'on' | 'providers' | 'wideThreads'
> {
  return {
    size: availableParallelism(),
    entry: new URL(import.meta.url.endsWith('.ts') ? './from-source.mjs' : './worker.js', import.meta.url),
    hangMs: 60_000,
    inlineMs: 0,
    backoff: { first: 100, most: 5_000 },
    on: () => {},
    providers: ['cpu'],
    wideThreads: 1,
  };
}
