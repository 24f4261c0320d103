/** @file What is taken on, what runs next, and what is too late: the queue with a forecast of time. Pure; its clock is an argument. */
import type { BatchLimits } from './choose-batch.js';
import { type CostModel, createCostModel } from './cost-model.js';
import { type BatchQueue, createBatchQueue, type QueueLimits } from './queue.js';
import type { Waiting, Work } from './waiting.js';

/** A request that would be taken on. */
export type Prospect = {
  readonly lane: string;
  readonly client: string;
  readonly texts: number;
  /** Of all its texts together; as yet unknown: one a text. */
  readonly tokens: number;
  readonly longest: number;
  /** Milliseconds. */
  readonly deadline: number;
};

/** Why a request is not taken on. */
export type Objection =
  /** The queue is full, or this client's share of it; it is empty again in `waitMs`. */
  | { readonly kind: 'full'; readonly waitMs: number }
  /** Alone it would be answered in time, but not behind what waits; that has changed in `waitMs`. */
  | { readonly kind: 'busy'; readonly waitMs: number }
  /** Even alone it takes `needMs`, longer than it gives. */
  | { readonly kind: 'hopeless'; readonly needMs: number };

/** A batch that runs. */
export type Running<T> = {
  readonly lane: string;
  readonly work: readonly Work<T>[];
  /** Padding included. */
  readonly padded: number;
  readonly began: number;
};

/** How many workers there are, and how many of them have nothing to do. */
export type Staff = { readonly workers: number; readonly free: number };

export type Scheduler<T> = {
  readonly queue: Pick<BatchQueue<T>, 'texts' | 'tokens' | 'putBack' | 'find' | 'expire' | 'remove'>;
  objection(prospect: Prospect, now: number, staff: Staff): Objection | undefined;
  /** Entries of one request; not taken on when there is an objection. */
  offer(entries: readonly Waiting<T>[], now: number, staff: Staff): Objection | undefined;
  /** Worker time that so many texts take in full batches; where their tokens are not known yet, as many as such texts have had. */
  workMs(lane: string, texts: number, tokens?: number): number;
  /** Until all that waits and runs will be done, in milliseconds. */
  backlogMs(now: number, staff: Staff): number;
  /** The batch that a free worker shall run now, and what it is too late for. */
  take(now: number, free: number): { readonly running: Running<T> | undefined; readonly late: readonly Waiting<T>[] };
  /** To be called once for each batch taken. */
  /** `unlike`: done, in a time that says nothing about other batches. */
  ended(running: Running<T>, now: number, outcome: 'done' | 'unlike' | 'lost'): void;
};

/** A forecast older than this is put to the test before anything is refused for it when nothing else runs. Milliseconds. */
const trustMs = 1_000;

export function createScheduler<T>(limits: QueueLimits, batchLimits: BatchLimits): Scheduler<T> {
  const queue = createBatchQueue<T>(limits, batchLimits);
  const runs = new Set<Running<T>>();
  const costs = new Map<string, { readonly model: CostModel; measured: number }>();
  const costOf = (lane: string) => {
    const cost = costs.get(lane) ?? { model: createCostModel(batchLimits), measured: Number.NEGATIVE_INFINITY };
    costs.set(lane, cost);
    return cost;
  };

  /** Work of one worker, in milliseconds, that is served before the last of these tokens. */
  const aheadMs = (client: string, tokens: number, now: number): number => {
    let ms = 0;
    for (const [lane, backlog] of queue.ahead(client, tokens)) ms += costOf(lane).model.backlogMs(backlog);
    for (const { lane, padded, began } of runs) ms += Math.max(0, began + costOf(lane).model.batchMs(padded) - now);
    return ms;
  };

  const backlogMs = (now: number, { workers }: Staff): number => aheadMs('', Number.POSITIVE_INFINITY, now) / Math.max(1, workers);

  const objection = ({ lane, client, texts, tokens, longest, deadline }: Prospect, now: number, staff: Staff): Objection | undefined => {
    const workers = Math.max(1, staff.workers);
    if (!queue.hasRoom(client, texts)) return { kind: 'full', waitMs: backlogMs(now, staff) };
    // Nothing is lost by trying when there is nothing else to do; and one wrong measurement cannot shut the door for good.
    if (queue.texts === 0 && staff.free > 0) return undefined;
    const { model } = costOf(lane);
    const own = { texts, tokens };
    const alone = Math.max(model.backlogMs(own) / workers, model.atMostMs(longest));
    if (now + alone > deadline) return { kind: 'hopeless', needMs: alone };
    const wait = aheadMs(client, tokens, now) / workers;
    // Others will come and take their turns between the texts of a long list.
    const late = now + Math.max(wait + alone, (queue.crowd * model.backlogMs(own)) / workers) - deadline;
    return late > 0 ? { kind: 'busy', waitMs: late } : undefined;
  };

  return {
    queue,
    objection,
    backlogMs,
    workMs: (lane, texts, tokens) => costOf(lane).model.workMs(texts, tokens),
    offer(entries, now, staff) {
      const fresh = entries.filter(({ key }) => !queue.find(key));
      const [first] = fresh;
      if (first) {
        const tokens = fresh.reduce((sum, entry) => sum + entry.tokens, 0);
        const longest = fresh.reduce((most, entry) => Math.max(most, entry.tokens), 0);
        const { lane, client, deadline } = first;
        const against = objection({ lane, client, deadline, texts: fresh.length, tokens, longest }, now, staff);
        if (against) return against;
      }
      return queue.offer(entries) ? undefined : { kind: 'full', waitMs: backlogMs(now, staff) };
    },
    take(now, free) {
      const { batch, late } = queue.take(free, (lane) => {
        const { model, measured } = costOf(lane);
        const stale = now - measured > trustMs && runs.size === 0;
        const inTime = (padded: number, deadline: number): boolean => now + (stale ? 0 : model.atMostMs(padded)) <= deadline;
        return { inTime, mostTokens: model.mostTokens(), overheadTokens: model.overheadTokens() };
      });
      const [first] = batch;
      if (!first) return { running: undefined, late };
      const padded = Math.max(...batch.map(({ tokens }) => tokens)) * batch.length;
      const running = { lane: first.lane, work: batch, padded, began: now };
      runs.add(running);
      return { running, late };
    },
    ended(running, now, outcome) {
      runs.delete(running);
      if (outcome !== 'done') return;
      const cost = costOf(running.lane);
      cost.measured = now;
      const real = running.work.reduce((sum, { tokens }) => sum + tokens, 0);
      cost.model.observe(running.padded, real, now - running.began, running.work.length);
    },
  };
}
