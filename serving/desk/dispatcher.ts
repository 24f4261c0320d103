/** @file From texts to logits: tokenise, wait, run in a batch with others. Joins queue and workers. */
import { anyReading, averageReadings, type Encoding, padBatch, readingsOf, type TextInput } from '../../models/index.js';
import { type BatchQueue, createBatchQueue, type Waiting } from '../batching/index.js';
import type { Job, JobResult } from '../workers/index.js';
import type { ServedModel } from './catalogue.js';
import type { Limits } from './limits.js';
import type { Metrics } from './metrics.js';
import { deadlineExceeded, gone, modelFailed, queueFull } from './refusals.js';

/** The part of a `WorkerPool` that is needed here. */
export type Runner = { readonly free: number; readonly size: number; onFree: () => void; run(job: Job): Promise<JobResult> };

export type Timings = { readonly tokenizeMs: number; readonly queueMs: number; readonly inferMs: number };

export type Answers = {
  /** One row a text, each `[labels]`. */
  readonly logits: readonly Float32Array[];
  readonly truncated: readonly boolean[];
  readonly timings: Timings;
};

/** One request's texts on their way; `cancel()` when its client has gone. */
export type Dispatched = { readonly answers: Promise<Answers>; cancel(): void };

export type Dispatcher = {
  /** `answers` rejects with ServiceError `queue-full`, `deadline-exceeded` or `model-failed`. */
  dispatch(model: ServedModel, texts: readonly TextInput[]): Dispatched;
  /** Gives up texts that have waited too long; call it now and then. */
  sweep(): void;
};

type Request = {
  readonly model: ServedModel;
  /** By reading: a pair that is read in both orders has two. */
  readonly logits: Float32Array[];
  /** Readings without logits. */
  left: number;
  done: boolean;
  inferMs: number;
  resolve(): void;
  reject(error: Error): void;
};
/** One reading, and the text of the request that it is of. */
type Entry = { readonly request: Request; readonly index: number; readonly text: number; readonly encoding: Encoding; failures: number };

export type DispatcherDeps = {
  readonly pool: Runner;
  readonly limits: Limits;
  readonly metrics: Metrics;
  /** Milliseconds, never going back. */
  readonly now: () => number;
  /** Told of every batch that failed; the texts themselves are not in it. */
  readonly onFailure: (failure: { readonly model: string; readonly texts: number; readonly error: unknown }) => void;
};

export function createDispatcher({ pool, limits, metrics, now, onFailure }: DispatcherDeps): Dispatcher {
  const queue: BatchQueue<Entry> = createBatchQueue(
    { texts: limits.queueTexts, tokens: limits.queueTokens },
    { texts: limits.batchTexts, tokens: limits.batchTokens, overheadTokens: limits.batchOverheadTokens },
  );
  let tokenizing = 0;
  let secondsPerText = 0.01;
  let pumping = false;

  /** Once this turn's arrivals are all in, gives every free worker a batch. */
  const pump = (): void => {
    if (pumping) return;
    pumping = true;
    setImmediate(() => {
      pumping = false;
      for (let free = pool.free; free > 0; free--) {
        const batch = queue.take(free);
        if (!batch) break;
        void runBatch(batch);
      }
      gauge();
    });
  };
  pool.onFree = pump;

  const gauge = (): void => {
    metrics.queueTexts.set(queue.texts);
    metrics.queueTokens.set(queue.tokens);
  };

  const runBatch = async (batch: readonly Waiting<Entry>[]): Promise<void> => {
    const entries = batch.map(({ payload }) => payload);
    const { model } = entries[0]!.request;
    const padded = padBatch(
      entries.map(({ encoding }) => encoding),
      model.tokenizer.padId,
    );
    try {
      const { logits, seconds } = await pool.run({ model: model.key, ...padded } as Job);
      observeBatch(metrics, model, batch, padded.tokens, seconds);
      secondsPerText += 0.1 * (seconds / batch.length / pool.size - secondsPerText);
      const width = logits.length / entries.length;
      for (const [row, entry] of entries.entries()) finish(entry, logits.subarray(row * width, (row + 1) * width), seconds);
    } catch (error) {
      onFailure({ model: model.key, texts: batch.length, error });
      retry(batch);
    }
  };

  const finish = ({ request, index }: Entry, logits: Float32Array, seconds: number): void => {
    request.logits[index] = logits;
    request.inferMs = Math.max(request.inferMs, seconds * 1000);
    if (--request.left === 0 && !request.done) {
      request.done = true;
      request.resolve();
    }
  };

  /**
   * A text whose batch failed runs again, alone, so that neighbours do not suffer for it. Twice may be bad luck, when two workers
   * are lost at once; a text that fails a third time is given up.
   */
  const retry = (batch: readonly Waiting<Entry>[]): void => {
    const again: Waiting<Entry>[] = [];
    for (const waiting of batch) {
      const entry = waiting.payload;
      if (entry.request.done) continue;
      if (++entry.failures < 3) again.push(waiting);
      else fail(entry.request, modelFailed(entry.text));
    }
    metrics.retried.inc(again.length);
    queue.putBack(again);
    pump();
  };

  const fail = (request: Request, error: Error): void => {
    if (request.done) return;
    request.done = true;
    queue.remove((entry) => entry.request === request);
    request.reject(error);
    gauge();
  };

  const admit = (texts: number): void => {
    if (queue.texts + tokenizing + texts <= limits.queueTexts) return;
    throw queueFull(queue.texts, secondsPerText);
  };

  const answer = async (request: Omit<Request, 'resolve' | 'reject'>, texts: readonly TextInput[], expose: (request: Request) => void) => {
    const { model } = request;
    const { maxTokens, pairs } = model.manifest.text;
    const { inputs, of } = readingsOf(texts, pairs);
    admit(inputs.length);
    const began = now();
    tokenizing += inputs.length;
    const encodings = await model.tokenizer.encode(inputs, maxTokens).finally(() => {
      tokenizing -= inputs.length;
    });
    const offered = now();
    await new Promise<void>((resolve, reject) => {
      const whole = Object.assign(request, { resolve, reject });
      whole.left = inputs.length;
      expose(whole);
      if (whole.done) return reject(gone());
      const deadline = offered + limits.waitMs;
      const entries = encodings.map((encoding, index): Waiting<Entry> => {
        const payload = { request: whole, index, text: of[index]!, encoding, failures: 0 };
        return { lane: model.key, tokens: encoding.ids.length, arrived: offered, deadline, alone: false, payload };
      });
      if (!queue.offer(entries)) return reject(queueFull(queue.texts, secondsPerText));
      pump();
    });
    const timings = { tokenizeMs: offered - began, queueMs: Math.max(0, now() - offered - request.inferMs), inferMs: request.inferMs };
    const labels = [model.manifest.name, model.manifest.version] as const;
    metrics.tokenizeDuration.labels(...labels).observe(timings.tokenizeMs / 1000);
    metrics.queueDuration.labels(...labels).observe(timings.queueMs / 1000);
    const truncated = anyReading(encodings.map((encoding) => encoding.truncated), of); // biome-ignore format: short
    return { logits: averageReadings(request.logits, of), truncated, timings };
  };

  return {
    dispatch(model, texts) {
      let waiting: Request | undefined;
      const request = { model, logits: [], left: texts.length, done: false, inferMs: 0 };
      const answers = answer(request, texts, (whole) => {
        waiting = whole;
      });
      return {
        answers,
        cancel() {
          if (!waiting) request.done = true;
          else if (!waiting.done) fail(waiting, gone());
        },
      };
    },
    sweep() {
      for (const { payload } of queue.expire(now())) {
        fail(payload.request, deadlineExceeded(limits.waitMs, secondsPerText));
      }
    },
  };
}

function observeBatch(metrics: Metrics, model: ServedModel, batch: readonly Waiting<Entry>[], longest: number, seconds: number): void {
  const labels = [model.manifest.name, model.manifest.version] as const;
  const real = batch.reduce((sum, { tokens }) => sum + tokens, 0);
  metrics.inferDuration.labels(...labels).observe(seconds);
  metrics.batchSize.labels(...labels).observe(batch.length);
  metrics.batchTokens.labels(...labels).observe(longest * batch.length);
  metrics.realTokens.labels(...labels).inc(real);
  metrics.paddingTokens.labels(...labels).inc(longest * batch.length - real);
}
