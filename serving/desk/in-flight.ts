/** @file Texts that wait or run: gives free workers their batches, and every request its rows. The same text is computed once for all. */
import type { Encoding } from '../../models/index.js';
import {
  createLoadMeter,
  createScheduler,
  type Objection,
  type Prospect,
  type Running,
  type Staff,
  type Waiting,
} from '../batching/index.js';
import type { Job, JobResult } from '../workers/index.js';
import { batchJob } from './batch-job.js';
import { observeBatch, traceBatch } from './batch-record.js';
import type { ServedModel } from './catalogue.js';
import type { Limits } from './limits.js';
import type { Metrics } from './metrics/metrics.js';
import { deadlineExceeded, modelFailed } from './refusals.js';
import type { Entry, Request } from './request.js';
import type { Result, ResultCache } from './result-cache.js';

/** The part of a `WorkerPool` that is needed here. */
export type Runner = {
  readonly free: number;
  /** Loaded, working or not. */
  readonly alive: number;
  onFree: () => void;
  run(job: Job): Promise<JobResult>;
};

export type InFlight = {
  readonly waiting: number;
  /** Of the same text, when it waits or runs already. */
  encodingOf(key: string): Encoding | undefined;
  /** @param asked what was asked for, whether it is turned away or not: it counts as load */
  objection(prospect: Prospect, asked: { readonly model: ServedModel; readonly texts: number }): Objection | undefined;
  /** All entries of one request, or none. What runs already is not queued but waited for. */
  add(entries: readonly Waiting<Entry>[]): Objection | undefined;
  /** Ends a request without an answer; its texts leave the queue. */
  fail(request: Request, error: Error): void;
  /** Gives up texts whose deadline has passed. */
  sweep(): void;
};

export type InFlightDeps = {
  readonly pool: Runner;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly cache: ResultCache | undefined;
  /** Milliseconds, never going back. */
  readonly now: () => number;
  /** Told of every batch that failed; the texts themselves are not in it. */
  readonly onFailure: (failure: { readonly model: string; readonly texts: number; readonly error: unknown }) => void;
};

/** So long nobody may have asked beside anybody else, before the thread that listens stops doing so for a text. Milliseconds. */
const calmMs = 250;

export function createInFlight({ pool, limits, metrics, cache, now, onFailure }: InFlightDeps): InFlight {
  const scheduler = createScheduler<Entry>(
    { texts: limits.queueTexts, tokens: limits.queueTokens },
    { texts: limits.batchTexts, tokens: limits.batchTokens, ms: limits.batchMs, overheadTokens: limits.batchOverheadTokens },
  );
  const { queue } = scheduler;
  /** By key, everybody who waits for a text that runs. */
  const running = new Map<string, Waiting<Entry>[]>();
  const load = createLoadMeter();
  /** Batches that run. */
  let batched = 0;
  /** When two requests were last under way at once. */
  let crowdedAt = Number.NEGATIVE_INFINITY;
  let pumping = false;
  const staff = (): Staff => ({ workers: pool.alive, free: pool.free });

  /** Gives every free worker a batch. */
  const staffAll = (): void => {
    const batches: Running<Entry>[] = [];
    for (let free = pool.free; free > 0; free--) {
      const { running: batch, late } = scheduler.take(now(), free);
      giveUp(late, 'batch');
      if (!batch) break;
      batches.push(batch);
    }
    const wide = batches.length === 1 && batched === 0 && pool.free === pool.alive;
    const alone = wide && now() - crowdedAt >= calmMs;
    for (const batch of batches) void run(batch, { wide, alone });
    gauge();
  };
  /** The same, once this turn's arrivals are all in. */
  const pump = (): void => {
    if (pumping) return;
    pumping = true;
    setImmediate(() => {
      pumping = false;
      staffAll();
    });
  };
  pool.onFree = pump;

  const offered = ({ key, manifest }: ServedModel, texts: number, tokens?: number, lane = key): void => {
    const ms = scheduler.workMs(lane, texts, tokens);
    load.offered(ms, now());
    metrics.workOffered.labels(manifest.name, manifest.version).inc(ms / 1000);
  };

  const gauge = (): void => {
    metrics.queueTexts.set(queue.texts);
    metrics.queueTokens.set(queue.tokens);
  };

  const run = async (batch: Running<Entry>, room: Pick<Job, 'wide' | 'alone'>): Promise<void> => {
    const { work } = batch;
    for (const { key, entries } of work) running.set(key, [...entries]);
    const firsts = work.map(({ entries }) => entries[0]!.payload);
    const { model } = firsts[0]!.request;
    const span = traceBatch(batch, model);
    batched++;
    try {
      const { logits, seconds, ...how } = await pool.run(batchJob(model, firsts, room)).finally(() => batched--);
      scheduler.ended(batch, now(), how.wide || how.cold || how.inline ? 'unlike' : 'done');
      staffAll(); // the worker goes on while the answers are written
      span?.end(now(), {});
      observeBatch(metrics, model, batch, seconds);
      if (how.inline) metrics.inlineBatches.labels(model.manifest.name, model.manifest.version).inc();
      const width = logits.length / work.length;
      for (const [row, { key }] of work.entries()) {
        const { truncated, ids } = firsts[row]!.encoding;
        const result = { logits: logits.subarray(row * width, (row + 1) * width), truncated, tokens: ids.length };
        const entries = leave(key);
        if (entries.some(({ payload }) => !payload.request.probe)) cache?.set(key, result);
        finish(entries, result, seconds);
      }
    } catch (error) {
      scheduler.ended(batch, now(), 'lost');
      span?.end(now(), {}, true);
      onFailure({ model: model.key, texts: work.length, error });
      retry(work.flatMap(({ key }) => leave(key)));
    }
  };

  const leave = (key: string): readonly Waiting<Entry>[] => {
    const entries = running.get(key) ?? [];
    running.delete(key);
    return entries;
  };

  const finish = (entries: readonly Waiting<Entry>[], result: Result, seconds: number): void => {
    for (const { payload } of entries) {
      const { request, readings } = payload;
      for (const reading of readings) request.results[reading] = result;
      request.inferMs = Math.max(request.inferMs, seconds * 1000);
      if (--request.left > 0 || request.done) continue;
      request.done = true;
      request.resolve();
    }
    metrics.deduplicated.inc(entries.reduce((sum, { payload }) => sum + payload.readings.length, 0) - 1);
  };

  /**
   * A text whose batch failed runs again, alone, so that neighbours do not suffer for it. Twice may be bad luck, when two workers
   * are lost at once; a text that fails a third time is given up.
   */
  const retry = (entries: readonly Waiting<Entry>[]): void => {
    const again: Waiting<Entry>[] = [];
    for (const waiting of entries) {
      const entry = waiting.payload;
      if (entry.request.done) continue;
      if (++entry.failures < 3 && !entry.request.probe) again.push(waiting);
      else fail(entry.request, modelFailed(entry.text));
    }
    metrics.retried.inc(again.length);
    queue.putBack(again.filter(({ payload }) => !payload.request.done));
    pump();
  };

  const fail = (request: Request, error: Error): void => {
    if (request.done) return;
    request.done = true;
    queue.remove(request.entries);
    request.reject(error);
    gauge();
  };

  const giveUp = (late: readonly Waiting<Entry>[], stage: 'batch' | 'queue'): void => {
    for (const { request } of late.map(({ payload }) => payload)) {
      if (request.done) continue;
      if (!request.probe) metrics.shed.labels(stage).inc(request.left);
      fail(request, deadlineExceeded(request.timeoutMs, scheduler.backlogMs(now(), staff())));
    }
  };

  return {
    get waiting() {
      return queue.texts;
    },
    encodingOf: (key) => (running.get(key)?.[0] ?? queue.find(key))?.payload.encoding,
    objection(prospect, asked) {
      const objection = scheduler.objection(prospect, now(), staff());
      if (objection) offered(asked.model, asked.texts);
      return objection;
    },
    add(entries) {
      if (running.size > 0 || queue.texts > 0) crowdedAt = now();
      const fresh = entries.filter(({ key }) => !running.has(key));
      const unheard = fresh.filter(({ key }) => !queue.find(key));
      const [first] = unheard;
      if (first) offered(first.payload.request.model, unheard.length, unheard.reduce((sum, { tokens }) => sum + tokens, 0), first.lane); // biome-ignore format: short
      const objection = scheduler.offer(fresh, now(), staff());
      if (objection) return objection;
      for (const entry of entries) running.get(entry.key)?.push(entry);
      pump();
      return undefined;
    },
    fail,
    sweep() {
      giveUp(queue.expire(now()), 'queue');
      metrics.load.set(load.ratio(now(), pool.alive));
    },
  };
}
