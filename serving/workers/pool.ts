/** @file Worker threads that outlive their accidents: a thread that ends or hangs is replaced, its batch handed back to the caller. */
import { Worker } from 'node:worker_threads';
import { UsageError } from '../../models/index.js';
import { inlineSessions } from './inline-sessions.js';
import {
  buffersOf,
  type FromWorker,
  type Job,
  type JobResult,
  type Request,
  type ToWorker,
  type WorkerModel,
  type WorkerSetup,
} from './messages.js';
import { type PoolOptions, poolDefaults } from './pool-options.js';
import { alone, createSlot, type Done, end, isFree, JobError, passOn, type Slot, settle, type Turn } from './slot.js';

export type { JobResult } from './messages.js';
export type { PoolEvent, PoolOptions } from './pool-options.js';
export { JobError } from './slot.js';

export class WorkerPool {
  /** Settles when every thread has loaded and warmed up every model; rejects when a model cannot be loaded. */
  readonly ready: Promise<void>;
  /** Called whenever a thread becomes free. */
  onFree: () => void = () => {};
  readonly #options: Required<PoolOptions>;
  readonly #slots: readonly Slot[];
  readonly #inline: ReturnType<typeof inlineSessions>;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #turn: Turn = { onFree: () => this.onFree(), isOver: () => this.#closed };
  /** What a thread that starts has to load. */
  #models: WorkerModel[];
  #started: { resolve(): void; reject(error: Error): void } | undefined;
  #closed = false;
  #lastId = 0;

  constructor(options: PoolOptions) {
    this.#options = { ...poolDefaults(), ...options };
    const size = this.#options.size;
    this.#models = [...options.models];
    this.#inline = inlineSessions(this.#options);
    this.#slots = Array.from({ length: size }, (_, index) => createSlot(index));
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
    return this.#slots.filter(isFree).length;
  }

  /** Threads that are loaded, working or not. */
  get alive(): number {
    return this.#slots.filter(({ ready }) => ready).length;
  }

  /**
   * Runs one batch; its arrays are transferred and cannot be used afterwards. Call only while `free` is not 0, and with `job.wide` only
   * while all are free: the first of them then uses every core. A short one with `job.alone` runs in the thread that calls, and takes no worker.
   *
   * @throws JobError when the thread is lost or the session refuses the batch
   */
  async run(job: Job): Promise<JobResult> {
    if (job.alone && this.#inline.takes(job)) return this.#inline.run(job);
    const slot = this.#slots.find(isFree);
    if (!slot) throw new JobError('lost', 'no worker is free');
    const result = await this.#runIn(slot, job);
    if (job.alone) this.#inline.heard(job, result, this.#models);
    return result;
  }

  /**
   * Loads a model into every thread and warms it up, one thread after another, while the others go on answering. When it is done, threads that
   * start later have it too.
   *
   * @param check runs batches of the model in the first thread that has it; the model stays out when it throws
   * @throws JobError `refused` where it cannot be loaded: no thread has it then; and what `check` throws
   */
  async load(model: WorkerModel, check: (run: (job: Job) => Promise<JobResult>) => Promise<void> = async () => {}): Promise<void> {
    let checked = false;
    try {
      for (;;) {
        // A thread that was lost after it had loaded the model comes back without.
        const slot = this.#slots.find(({ models }) => !models.has(model.key));
        if (!slot) break;
        await alone(slot, this.#turn, async () => {
          const done = await this.#request(slot, { load: model });
          slot.models.add(model.key);
          if (done.kind === 'settled' && done.opened) this.#options.on({ kind: 'opened', worker: slot.index, opened: done.opened });
          if (!checked) await check((job) => this.#runIn(slot, job));
          checked = true;
        });
      }
    } catch (error) {
      await this.unload(model.key);
      throw error;
    }
    await this.#widen([model]);
    this.#models = [...this.#models.filter(({ key }) => key !== model.key), model];
  }

  /** Lets a model go in every thread. Whoever calls sees to it that no batch of it comes any more. */
  async unload(key: string): Promise<void> {
    this.#models = this.#models.filter((model) => model.key !== key);
    await this.#inline.forget(key);
    for (const slot of this.#slots.filter(({ models }) => models.has(key)))
      await alone(slot, this.#turn, async () => {
        slot.models.delete(key);
        await this.#request(slot, { unload: key });
      });
    this.#options.on({ kind: 'unloaded', model: key });
  }

  /** Ends every thread. The callers of batches that still run are told so. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#inline.close();
    await Promise.all(
      this.#slots.map(async (slot) => {
        const worker = slot.worker;
        slot.ready = false;
        settle(slot, (running) => running.reject(new JobError('lost', 'the pool is closed')));
        for (const waiting of slot.claims.splice(0)) waiting();
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
    const { entry, threads, providers, wideThreads } = this.#options;
    const models = this.#models;
    const worker = new Worker(entry, {
      workerData: { models, threads, providers, ...(slot.index === 0 ? { wideThreads } : {}) } satisfies WorkerSetup,
      execArgv: [],
    });
    slot.worker = worker;
    slot.models.clear();
    for (const { key } of models) slot.models.add(key);
    worker.on('message', (message: FromWorker) => this.#hear(slot, worker, message));
    worker.on('error', (error) => this.#lose(slot, worker, error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => this.#lose(slot, worker, `the thread ended with code ${code}`));
  }

  #hear(slot: Slot, worker: Worker, message: FromWorker): void {
    if (slot.worker !== worker) return;
    if (message.kind === 'ready') {
      for (const opened of message.opened) this.#options.on({ kind: 'opened', worker: slot.index, opened });
      this.#becomeReady(slot);
    } else if (message.kind === 'unloadable') this.#lose(slot, worker, message.message, message.fix);
    else if (slot.running?.id === message.id) {
      if (message.kind === 'refused') settle(slot, (running) => running.reject(new JobError('refused', message.message)));
      else {
        slot.failures = 0;
        settle(slot, (running) => running.resolve(message));
      }
      this.#becomeFree(slot);
    }
  }

  #becomeFree(slot: Slot): void {
    passOn(slot);
    this.onFree();
  }

  async #runIn(slot: Slot, job: Job): Promise<JobResult> {
    const done = await this.#request(slot, { job }, buffersOf(job));
    if (done.kind !== 'done') throw new JobError('refused', 'the thread answered something else');
    const { logits, seconds, wide, cold = false } = done;
    return { logits, seconds, wide, cold };
  }

  #request(slot: Slot, request: Request, transfer: ArrayBuffer[] = []): Promise<Done> {
    const { worker } = slot;
    if (!worker) return Promise.reject(new JobError('lost', this.#closed ? 'the pool is closed' : 'the thread is gone'));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#lose(slot, worker, `no answer within ${this.#options.hangMs} ms`), this.#options.hangMs);
      slot.running = { id, timer, resolve, reject };
      worker.postMessage({ id, ...request } satisfies ToWorker, transfer);
    });
  }

  #becomeReady(slot: Slot): void {
    slot.ready = true;
    if (slot.failures > 0) this.#options.on({ kind: 'restarted', worker: slot.index });
    if (this.#started && this.#slots.every(({ ready }) => ready)) void this.#widen(this.#models).then(() => this.#begin());
    else if (!this.#started && slot.index === 0) void this.#widen(this.#models);
    this.#becomeFree(slot);
  }

  /** Opens models with several threads too, in the first thread, once the others have theirs; they do without where that fails. */
  async #widen(models: readonly WorkerModel[]): Promise<void> {
    const [first] = this.#slots;
    const { threads, wideThreads } = this.#options;
    if (!first || wideThreads <= threads) return;
    for (const model of models) {
      await alone(first, this.#turn, async () => {
        await this.#request(first, { widen: model });
      }).catch(() => {});
    }
  }

  /** Settles `ready`, once. */
  #begin(error?: Error): void {
    if (error) this.#started?.reject(error);
    else this.#started?.resolve();
    this.#started = undefined;
  }

  #lose(slot: Slot, worker: Worker, reason: string, fixOfStart?: string): void {
    if (slot.worker !== worker || this.#closed) return;
    slot.worker = undefined;
    slot.ready = false;
    if (fixOfStart !== undefined && this.#started) this.#begin(new UsageError('serving/start', `serve: ${reason}`, fixOfStart));
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
