/** @file A bounded queue from which batches are taken the moment someone is free to run them. Its clock is an argument. */
import { type BatchLimits, chooseBatch, type Waiting } from './choose-batch.js';

export type QueueLimits = {
  /** Most texts that may wait. */
  readonly texts: number;
  /** Most tokens that may wait. */
  readonly tokens: number;
};

export type BatchQueue<T> = {
  readonly texts: number;
  readonly tokens: number;
  /** All of `entries` or none; `false` when they do not fit. */
  offer(entries: readonly Waiting<T>[]): boolean;
  /** Returns entries of a failed batch to the head of the queue, to be run alone. Never refused: they were accepted before. */
  putBack(entries: readonly Waiting<T>[]): void;
  /** The next batch, shared fairly among `free` workers; `undefined` when nothing waits. */
  take(free: number): readonly Waiting<T>[] | undefined;
  /** Removes entries whose deadline is before `now`, and returns them. */
  expire(now: number): readonly Waiting<T>[];
  /** Removes entries that match, and returns them. */
  remove(matches: (payload: T) => boolean): readonly Waiting<T>[];
};

export function createBatchQueue<T>(limits: QueueLimits, batchLimits: BatchLimits): BatchQueue<T> {
  let waiting: Waiting<T>[] = [];
  let tokens = 0;

  const removeWhere = (gone: (entry: Waiting<T>) => boolean): readonly Waiting<T>[] => {
    const removed = waiting.filter(gone);
    if (removed.length === 0) return removed;
    const set = new Set(removed);
    waiting = waiting.filter((entry) => !set.has(entry));
    tokens -= total(removed);
    return removed;
  };

  return {
    get texts() {
      return waiting.length;
    },
    get tokens() {
      return tokens;
    },
    offer(entries) {
      const added = total(entries);
      // A single request larger than the token bound is let into an empty queue; otherwise it could never be answered.
      const fits = waiting.length + entries.length <= limits.texts && (tokens + added <= limits.tokens || waiting.length === 0);
      if (!fits) return false;
      waiting.push(...entries);
      tokens += added;
      return true;
    },
    putBack(entries) {
      waiting = [...entries.map((entry) => ({ ...entry, alone: true })), ...waiting];
      tokens += total(entries);
    },
    take(free) {
      const [oldest] = waiting;
      if (!oldest) return undefined;
      const lane = waiting.reduce((count, entry) => count + (entry.lane === oldest.lane ? 1 : 0), 0);
      const batch = chooseBatch(waiting, batchLimits, Math.ceil(lane / Math.max(1, free)));
      const taken = new Set(batch);
      waiting = waiting.filter((entry) => !taken.has(entry));
      tokens -= total(batch);
      return batch;
    },
    expire: (now) => removeWhere((entry) => entry.deadline < now),
    remove: (matches) => removeWhere((entry) => matches(entry.payload)),
  };
}

const total = (entries: readonly Waiting<unknown>[]): number => entries.reduce((sum, entry) => sum + entry.tokens, 0);
