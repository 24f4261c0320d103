/** @file Asks the thread that has the file open. While it is at work, calls gather; together they are one transaction. */
import { Worker } from 'node:worker_threads';
import { UsageError } from '../../models/index.js';
import type { FromThread, SentResult, ThreadSetup, ToThread } from './messages.js';
import type { Call, CallName, Calls } from './review-book.js';
import { StoreFault } from './store-fault.js';

export type StoreThread = {
  /** Settles when what was asked is on the disk. @throws StoreFault */
  ask<N extends CallName>(name: N, takes: Calls[N]['takes'], now: number): Promise<Calls[N]['gives']>;
  /** Rebuilds the file after what was asked before; whether that went well. */
  clean(): Promise<boolean>;
  /** Carries out what was asked, then ends. */
  close(): Promise<void>;
};

export type ThreadOptions = ThreadSetup & {
  /** The file can, or cannot, be used from now on. */
  readonly on: (fault: StoreFault | undefined) => void;
};

type Waiting = { readonly call: Call; readonly now: number; settle(result: SentResult): void };
type Cleaner = (cleaned: boolean) => void;

/** Calls that may wait: what is more is refused at once, so that a disk that hangs does not fill the memory. */
const most = 1_000;
const restartMs = 1_000;

/** @throws UsageError `serving/start` for a path that is wrong. A file that merely cannot be used now is waited for. */
export async function startStoreThread({ on, ...setup }: ThreadOptions): Promise<StoreThread> {
  let waiting: Waiting[] = [];
  let cleaners: Cleaner[] = [];
  let running: { readonly asked: readonly Waiting[]; readonly cleaners: readonly Cleaner[] } | undefined;
  let worker: Worker | undefined;
  let closing: (() => void) | undefined;

  function next(): void {
    if (running || !worker) return;
    if (waiting.length > 0 || cleaners.length > 0) {
      running = { asked: waiting, cleaners };
      const message: ToThread = { calls: waiting.map(({ call }) => call), now: waiting.at(-1)?.now ?? 0, clean: cleaners.length > 0 };
      waiting = [];
      cleaners = [];
      worker.postMessage(message);
    } else closing?.();
  }

  function settle(results: (i: number) => SentResult, cleaned: boolean): void {
    const done = running;
    running = undefined;
    done?.asked.forEach(({ settle: tell }, i) => void tell(results(i)));
    done?.cleaners.forEach((tell) => void tell(cleaned));
  }

  function done({ results, cleaned }: Extract<FromThread, { kind: 'done' }>): void {
    const faults = results.flatMap((result) => ('fault' in result ? [result.fault] : []));
    const [fault] = faults;
    if (results.length > 0) on(fault && new StoreFault(fault.reason, fault.message));
    settle((i) => results[i]!, cleaned);
    next();
  }

  /** A thread that ended by itself: what it was asked may or may not be on the disk, and is told as not kept. */
  function lost(): void {
    worker = undefined;
    const fault = new StoreFault('closed', 'the thread of the store ended');
    settle(() => ({ fault }), false);
    if (closing) {
      closing();
      return;
    }
    on(fault);
    setTimeout(() => void start().catch(() => {}), restartMs).unref();
  }

  function start(): Promise<void> {
    const entry = new URL(import.meta.url.endsWith('.ts') ? './from-source.mjs' : './thread.js', import.meta.url);
    const made = new Worker(entry, { workerData: setup });
    made.unref();
    return new Promise((resolve, reject) => {
      made.on('message', (message: FromThread) => {
        if (message.kind === 'done') return done(message);
        if (message.kind === 'refused') return reject(new UsageError('serving/start', message.what, message.fix));
        on(message.kind === 'opened' ? undefined : new StoreFault(message.reason, message.message));
        worker = made;
        resolve();
        next();
      });
      made.on('error', () => {}); // `exit` follows
      made.on('exit', () => {
        reject(new StoreFault('closed', 'the thread of the store did not start'));
        if (worker === made) lost();
      });
    });
  }

  await start();
  return {
    ask(name, takes, now) {
      if (closing) return Promise.reject(new StoreFault('closed', 'the store is closed'));
      if (waiting.length >= most) return Promise.reject(new StoreFault('busy', 'too much waits for the disk'));
      return new Promise((resolve, reject) => {
        const settle = (result: SentResult): void => {
          if ('value' in result) resolve(result.value as never);
          else reject(new StoreFault(result.fault.reason, result.fault.message));
        };
        waiting.push({ call: { name, takes } as Call, now, settle });
        next();
      });
    },
    clean: () =>
      new Promise((resolve) => {
        if (closing) return resolve(false);
        cleaners.push(resolve);
        next();
      }),
    async close() {
      if (closing) return;
      worker?.ref(); // the program must not end before the file is closed
      await new Promise<void>((resolve) => {
        closing = resolve;
        if (!worker) return resolve();
        next();
      });
      const ending = worker;
      if (!ending) return;
      await new Promise<void>((resolve) => {
        ending.once('exit', () => resolve());
        ending.postMessage('end' satisfies ToThread);
      });
    },
  };
}
