/** @file One place in the pool: the thread that is in it, what that thread runs, and who waits to have it to himself. */
import type { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './messages.js';

/** Why a batch came back without logits. `lost`: the thread ended or hung under it; `refused`: the session threw. */
export class JobError extends Error {
  readonly reason: 'lost' | 'refused';
  constructor(reason: JobError['reason'], message: string) {
    super(message);
    this.name = 'JobError';
    this.reason = reason;
  }
}

/** What a thread answers to a request that it carried out. */
export type Done = Extract<FromWorker, { readonly kind: 'done' | 'settled' }>;

export type Running = { readonly id: number; readonly timer: NodeJS.Timeout; resolve(done: Done): void; reject(error: JobError): void };

export type Slot = {
  readonly index: number;
  worker: Worker | undefined;
  /** Whether its thread has loaded the models that it was started with. */
  ready: boolean;
  running: Running | undefined;
  /** Threads lost in a row. */
  failures: number;
  /** Models that its thread has. */
  readonly models: Set<string>;
  /** Held for someone: no batch is given to it. */
  claimed: boolean;
  /** Those who wait to claim it, the first first. */
  readonly claims: (() => void)[];
};

export const createSlot = (index: number): Slot => ({
  index,
  worker: undefined,
  ready: false,
  running: undefined,
  failures: 0,
  models: new Set(),
  claimed: false,
  claims: [],
});

export const isFree = ({ ready, running, claimed }: Slot): boolean => ready && !running && !claimed;

/** The slot to oneself, once what runs in it is done and its thread is there; batches go elsewhere meanwhile. */
function claim(slot: Slot): Promise<void> {
  return new Promise((resolve) => {
    slot.claims.push(resolve);
    passOn(slot);
  });
}

function release(slot: Slot): void {
  slot.claimed = false;
  passOn(slot);
}

/** Gives a free slot to who waits for it. Call whenever one may have become free. */
export function passOn(slot: Slot): void {
  if (!isFree(slot)) return;
  const next = slot.claims.shift();
  if (!next) return;
  slot.claimed = true;
  next();
}

export type Turn = {
  /** Called whenever the slot was let go. */
  readonly onFree: () => void;
  /** Whether a thread that is lost now does not come back. */
  readonly isOver: () => boolean;
};

/** Does what needs the slot to itself. A thread that is lost under it is waited for, and it begins again; twice. */
export async function alone(slot: Slot, { onFree, isOver }: Turn, work: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    await claim(slot);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof JobError && error.reason === 'lost') || tries === 2 || isOver()) throw error;
    } finally {
      release(slot);
      onFree();
    }
  }
}

/** Takes what runs off the slot, then tells its caller. */
export function settle(slot: Slot, tell: (running: Running) => void): void {
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
export function end(worker: Worker): Promise<void> {
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
