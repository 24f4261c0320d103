/** @file Worker threads that outlive their accidents: a thread that ends or hangs is replaced, its batch handed back to the caller. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { UsageError } from '../../models/index.js';
import type { FromWorker, Job, ToWorker, WorkerSetup } from './messages.js';

export type PoolOptions = WorkerSetup & {
  /** Threads. Default: as many as there are cores. */
  readonly size?: number;
  /** The script of a thread; default `worker.ts` beside this file. */
  readonly entry?: URL;
  /** A batch that takes longer has hung: its thread is ended. Milliseconds, default 60,000. */
  readonly hangMs?: number;
  /** Wait before a lost thread is replaced: doubles from `first` to `most` while replacements fail. Milliseconds. */
  readonly backoff?: { readonly first: number; readonly most: number };
  readonly on?: (event: PoolEvent) => void;
};

export type PoolEvent =
  | { readonly kind: 'lost'; readonly worker: number; readonly reason: string; readonly restartMs: number }
  | { readonly kind: 'restarted'; readonly worker: number };

export type JobResult = { readonly logits: Float32Array; readonly seconds: number };

/** Why a batch came back without logits. `lost`: the thread ended or hung under it; `refused`: the session threw. */
export class JobError extends Error {
  readonly reason: 'lost' | 'refused';
  constructor(reason: JobError['reason'], message: string) {
    super(message);
    this.name = 'JobError';
    this.reason = reason;
  }
}

type Running = { readonly id: number; readonly timer: NodeJS.Timeout; resolve(result: JobResult): void; reject(error: JobError): void };
type Slot = { readonly index: number; worker: Worker | undefined; ready: boolean; running: Running | undefined; failures: number };

export class WorkerPool {
  /** Settles when every thread has loaded and warmed up every model; rejects when a model cannot be loaded. */
  readonly ready: Promise<void>;
  /** Called whenever a thread becomes free. */
  onFree: () => void = () => {};
  readonly #options: Required<PoolOptions>;
  readonly #slots: readonly Slot[];
  readonly #timers = new Set<NodeJS.Timeout>();
  #started: { resolve(): void; reject(error: Error): void } | undefined;
  #closed = false;
  #lastId = 0;

  constructor(options: PoolOptions) {
    this.#options = { ...defaults(), ...options };
    const size = this.#options.size;
    this.#slots = Array.from({ length: size }, (_, index) => ({ index, worker: undefined, ready: false, running: undefined, failures: 0 }));
    this.ready = new Promise((resolve, reject) => {
      this.#started = { resolve, reject };
    });
    this.ready.catch(() => {}); // whoever awaits it sees the error; nobody has to
    for (const slot of this.#slots) this.#start(slot);
  }

  get size(): number {
    return this.#slots.length;
  }

  /** Threads that wait for work. */
  get free(): number {
    return this.#slots.filter(({ ready, running }) => ready && !running).length;
  }

  /** Threads that are loaded, working or not. */
  get alive(): number {
    return this.#slots.filter(({ ready }) => ready).length;
  }

  /**
   * Runs one batch; its arrays are transferred and cannot be used afterwards. Call only while `free` is not 0.
   *
   * @throws JobError when the thread is lost or the session refuses the batch
   */
  run(job: Job): Promise<JobResult> {
    const slot = this.#slots.find(({ ready, running }) => ready && !running);
    const worker = slot?.worker;
    if (!slot || !worker) return Promise.reject(new JobError('lost', 'no worker is free'));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#lose(slot, worker, `no answer within ${this.#options.hangMs} ms`), this.#options.hangMs);
      slot.running = { id, timer, resolve, reject };
      worker.postMessage({ id, job } satisfies ToWorker, [job.ids.buffer, job.mask.buffer, job.types.buffer]);
    });
  }

  /** Ends every thread. The callers of batches that still run are told so. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(
      this.#slots.map(async (slot) => {
        const worker = slot.worker;
        slot.ready = false;
        settle(slot, (running) => running.reject(new JobError('lost', 'the pool is closed')));
        slot.worker = undefined;
        if (worker) await end(worker);
      }),
    );
    this.#begin(new Error('the pool was closed before it was ready'));
  }

  /** The live threads, for tests that harm one. */
  workers(): readonly Worker[] {
    return this.#slots.flatMap(({ worker }) => (worker ? [worker] : []));
  }

  #start(slot: Slot): void {
    const { entry, models, threads } = this.#options;
    const worker = new Worker(entry, { workerData: { models, threads } satisfies WorkerSetup, execArgv: [] });
    slot.worker = worker;
    worker.on('message', (message: FromWorker) => this.#hear(slot, worker, message));
    worker.on('error', (error) => this.#lose(slot, worker, error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => this.#lose(slot, worker, `the thread ended with code ${code}`));
  }

  #hear(slot: Slot, worker: Worker, message: FromWorker): void {
    if (slot.worker !== worker) return;
    if (message.kind === 'ready') this.#becomeReady(slot);
    else if (message.kind === 'unloadable') this.#lose(slot, worker, message.message, true);
    else if (slot.running?.id === message.id) {
      if (message.kind === 'done') {
        slot.failures = 0;
        settle(slot, (running) => running.resolve({ logits: message.logits, seconds: message.seconds }));
      } else settle(slot, (running) => running.reject(new JobError('refused', message.message)));
      this.onFree();
    }
  }

  #becomeReady(slot: Slot): void {
    slot.ready = true;
    if (slot.failures > 0) this.#options.on({ kind: 'restarted', worker: slot.index });
    if (this.#slots.every(({ ready }) => ready)) this.#begin();
    this.onFree();
  }

  /** Settles `ready`, once. */
  #begin(error?: Error): void {
    if (error) this.#started?.reject(error);
    else this.#started?.resolve();
    this.#started = undefined;
  }

  #lose(slot: Slot, worker: Worker, reason: string, unloadable = false): void {
    if (slot.worker !== worker || this.#closed) return;
    slot.worker = undefined;
    slot.ready = false;
    if (unloadable && this.#started) {
      this.#begin(new UsageError('serving/start', `serve: ${reason}`, 'check the bundle with `copydesk verify`.'));
    }
    void end(worker);
    const { first, most } = this.#options.backoff;
    const restartMs = Math.min(most, first * 2 ** slot.failures);
    slot.failures++;
    this.#options.on({ kind: 'lost', worker: slot.index, reason, restartMs });
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#start(slot);
    }, restartMs);
    this.#timers.add(timer);
    settle(slot, (running) => running.reject(new JobError('lost', reason)));
  }
}

/** Takes the running batch off the slot, then tells its caller. */
function settle(slot: Slot, tell: (running: Running) => void): void {
  const { running } = slot;
  if (!running) return;
  clearTimeout(running.timer);
  slot.running = undefined;
  tell(running);
}

/**
 * Asks a thread to end, and waits a little. `terminate()` is no way to begin: under a session that runs, it ends not the thread
 * but the process (the native code of the runtime throws where nothing catches). A thread that hangs in there for good is left behind.
 */
function end(worker: Worker): Promise<void> {
  worker.unref();
  worker.postMessage('end' satisfies ToWorker);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patienceMs);
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const patienceMs = 5_000;

function defaults(): Pick<Required<PoolOptions>, 'size' | 'entry' | 'hangMs' | 'backoff' | 'on'> {
  return {
    size: availableParallelism(),
    entry: new URL(import.meta.url.endsWith('.ts') ? './from-source.mjs' : './worker.js', import.meta.url),
    hangMs: 60_000,
    backoff: { first: 100, most: 5_000 },
    on: () => {},
  };
}
