/** @file One Web Worker, seen from the page: orders as promises, and an end that is always noticed. */
import type { LearnProgress } from '../../personal/index.js';
import { CopydeskError } from '../asking/index.js';
import type { FromWorker, Loaded, LoadOrder, Order, OrderKind, Progress, Result, ToWorker } from './messages.js';

export type WorkerHost = {
  /** The model as it was loaded; rejected where it cannot be. */
  readonly loaded: Promise<Loaded>;
  order<K extends Exclude<OrderKind, 'load'>>(kind: K, order: Order<K>): Promise<Result<K>>;
  /** Frees all its memory; what is in hand is rejected. */
  end(): void;
  /** Ends when what is in hand is answered. */
  retire(): void;
  readonly ended: boolean;
};

type Waiting = { resolve(result: Result<OrderKind>): void; reject(error: CopydeskError): void };

/**
 * @param start makes the worker
 * @param order `lock` is filled in
 */
export function startHost(
  start: () => Worker,
  order: () => Promise<Omit<LoadOrder, 'lock'>>,
  onProgress: (progress: Progress) => void,
  onLearning: (progress: LearnProgress) => void = () => {},
): WorkerHost {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let over: CopydeskError | undefined;
  let retiring = false;
  let worker: Worker | undefined;
  const lock = typeof navigator.locks === 'undefined' ? '' : `copydesk-${crypto.randomUUID()}`;

  function end(why: CopydeskError): void {
    if (over) return;
    over = why;
    worker?.terminate();
    for (const { reject } of waiting.values()) reject(why);
    waiting.clear();
  }

  function send<K extends OrderKind>(kind: K, what: Order<K>): Promise<Result<K>> {
    return new Promise((resolve, reject) => {
      if (over) return reject(over);
      const id = ++lastId;
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      worker!.postMessage({ kind, id, order: what } as ToWorker);
    });
  }

  function hear(message: FromWorker): void {
    if (message.kind === 'progress') onProgress(message.progress);
    else if (message.kind === 'learning') onLearning(message.progress);
    // The lock comes to us when the worker has gone, also without a word: closed, or killed for its memory.
    else if (message.kind === 'alive') void navigator.locks.request(lock, () => end(gone('it ended by itself')));
    else settle(message);
  }

  function settle(message: Extract<FromWorker, { id: number }>): void {
    const asker = waiting.get(message.id);
    waiting.delete(message.id);
    if (retiring && waiting.size === 0) end(gone('it was replaced'));
    if (message.kind === 'done') asker?.resolve(message.result);
    else {
      asker?.reject(new CopydeskError(message.code, message.message, message.fix));
      if (message.fatal) end(gone(message.message));
    }
  }

  async function load(): Promise<Loaded> {
    try {
      worker = start();
      worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => hear(data));
      worker.addEventListener('messageerror', () => end(gone('it said what cannot be read')));
      // Without words where its script could not be loaded.
      worker.addEventListener('error', ({ message }) => end(message ? gone(message) : unstarted()));
      return await send('load', { ...(await order()), lock });
    } catch (error) {
      const why = error instanceof CopydeskError ? error : unstarted(error);
      end(why);
      throw why;
    }
  }

  const loaded = load();
  loaded.catch(() => {}); // every order says so too
  return {
    loaded,
    order: (kind, what) => loaded.then(() => send(kind, what)),
    end: () => end(gone('it was ended')),
    retire() {
      retiring = true;
      if (waiting.size === 0) end(gone('it was replaced'));
    },
    get ended() {
      return over !== undefined;
    },
  };
}

const gone = (why: string): CopydeskError =>
  new CopydeskError('worker-ended', `the Web Worker ended before it answered: ${why}`, 'ask again: it is started anew');

const unstarted = (error?: unknown): CopydeskError =>
  new CopydeskError(
    'worker-ended',
    `the Web Worker could not be started${error instanceof Error ? `: ${error.message}` : ''}`,
    "serve the package's files from the page's own origin, give their folder as assets, and allow worker-src 'self' and script-src 'self' 'wasm-unsafe-eval'",
  );
