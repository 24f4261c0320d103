/** @file The queue of held texts as the server has it: durable, off the hot path, and never in the way of a verdict. */
import { type EraseRequest, type Held, ServiceError } from '../protocol/index.js';
import type { Feedback, Kept } from './feedback.js';
import type { HeldText } from './hold.js';
import type { ReviewOptions } from './options.js';
import type { CallName, Calls } from './review-book.js';
import { StoreFault } from './store-fault.js';
import { startStoreThread } from './store-thread.js';

export type ReviewStore = {
  /** What became of each text, on the disk or not, within `waitMs`; never throws. */
  hold(texts: readonly HeldText[], waitMs?: number): Promise<readonly Held[]>;
  /** @throws ServiceError `store-unavailable` */
  ask<N extends Exclude<CallName, 'hold' | 'erase' | 'sweep'>>(name: N, takes: Calls[N]['takes']): Promise<Calls[N]['gives']>;
  /** @throws ServiceError `store-unavailable` */
  suggest(feedback: Feedback): Promise<Extract<Kept, { kind: 'kept' }>>;
  /** Takes texts out of the tables, then out of the files. @throws ServiceError `store-unavailable` */
  erase(request: EraseRequest): Promise<{ readonly erased: number; readonly cleaned: boolean }>;
  /** Erases what is past its time. */
  sweep(): Promise<void>;
  /** Whether the file can be written, as far as is known. */
  up(): boolean;
  close(): Promise<void>;
};

export type ReviewEvents = {
  /** Texts that were to be kept, by what became of them: `queued`, or why not. */
  held(outcome: 'queued' | NonNullable<Held['reason']>, count: number): void;
  /** The file cannot be used, and why; or can again. */
  changed(fault: StoreFault | undefined): void;
  /** Items and suggestions were erased, on request or as their time was over. */
  erased(cause: 'request' | 'age', count: number): void;
  figures(figures: Calls['figures']['gives']): void;
};

export type ReviewDeps = {
  readonly on: ReviewEvents;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

const dayMs = 86_400_000;
const sweepMs = 600_000;
const figuresMs = 5_000;
/** For which another process that writes is waited for. */
const busyMs = 2_000;

/** @throws UsageError `serving/start` for a path that is wrong, or a file that a newer version has written */
export async function createReviewStore(options: ReviewOptions, { on, now }: ReviewDeps): Promise<ReviewStore> {
  const { days } = options;
  let fault: StoreFault | undefined = new StoreFault('closed', 'not opened yet');
  const thread = await startStoreThread({
    ...options,
    busyMs,
    on(found) {
      if (found?.reason === fault?.reason) return;
      fault = found;
      on.changed(found);
    },
  });
  let cleaned = Number.NEGATIVE_INFINITY;
  /** Whether something erased may still be in the file; who was here before may have left it so. */
  let unclean = true;
  const tellFigures = async (): Promise<void> => on.figures(await thread.ask('figures', {}, now()));
  const quietly = (work: () => Promise<void>) => () => void work().catch(() => {});
  const timers = [setInterval(quietly(tellFigures), figuresMs), setInterval(quietly(sweep), sweepMs)];
  for (const timer of timers) timer.unref();
  quietly(sweep)();
  quietly(tellFigures)();

  async function sweep(): Promise<void> {
    const erased = await thread.ask('sweep', { before: now() - days * dayMs }, now());
    if (erased > 0) {
      on.erased('age', erased);
      unclean = true;
    }
    // The file is rebuilt once a day at most: that takes a while, and texts wait for it.
    if (!unclean || now() - cleaned < dayMs || !(await thread.clean())) return;
    cleaned = now();
    unclean = false;
  }

  return {
    async hold(texts, waitMs = options.waitMs) {
      const result = await within(waitMs, thread.ask('hold', { texts }, now()));
      const held = typeof result === 'string' ? texts.map((): Held => ({ queued: false, reason: result })) : result;
      for (const { reason } of held) on.held(reason ?? 'queued', 1);
      return held;
    },
    ask: (name, takes) => thread.ask(name, takes, now()).catch(refuse),
    async suggest(feedback) {
      const kept = await thread.ask('suggest', feedback, now()).catch(refuse);
      if (kept.kind === 'kept') return kept;
      throw unavailable('there are as many suggestions as may be kept');
    },
    async erase(request) {
      const erased = await thread.ask('erase', request, now()).catch(refuse);
      if (erased > 0) on.erased('request', erased);
      return { erased, cleaned: await thread.clean() };
    },
    sweep,
    up: () => fault === undefined,
    async close() {
      for (const timer of timers) clearInterval(timer);
      await thread.close();
    },
  };
}

/** Text that is not on the disk in time may be so later; it is not said to be. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | 'late' | 'full' | 'unavailable'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  const failed = (error: unknown) => (error instanceof StoreFault && error.reason === 'full' ? 'full' : 'unavailable');
  const result = await Promise.race([late, work.catch(failed)]);
  clearTimeout(timer);
  return result;
}

function refuse(error: unknown): never {
  if (error instanceof StoreFault) throw unavailable(meanings[error.reason]);
  throw error;
}

const meanings: { readonly [R in StoreFault['reason']]: string } = {
  busy: 'another process is writing to the file',
  full: 'there is no room in the file, or on its disk',
  'read-only': 'the file may not be written',
  corrupt: 'the file is damaged, or no database',
  gone: 'the file was removed',
  closed: 'the store is closed',
  disk: 'the disk does not read or write',
};

const unavailable = (what: string): ServiceError =>
  new ServiceError('store-unavailable', `nothing was kept or changed: ${what}`, 'try again later; the log of the server says more', {
    'retry-after': '5',
  });
