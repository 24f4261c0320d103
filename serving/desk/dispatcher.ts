/** @file From texts to logits: what is known already is answered at once, the rest is tokenised, waits and runs in batches with others. */
import { anyReading, averageReadings, type PathPoint, readingsOf, type TextInput } from '../../models/index.js';
import { inBackground, type Waiting } from '../batching/index.js';
import type { TraceSpan } from '../tracing/index.js';
import type { ServedModel } from './catalogue.js';
import { type DispatchedPoints, dispatchPoints, type PointOptions } from './dispatch-points.js';
import { createInFlight, type InFlightDeps } from './in-flight.js';
import { stages } from './metrics/request-metrics.js';
import { gone, refuse } from './refusals.js';
import { type Entry, idle, type Request } from './request.js';
import { createResultCache } from './result-cache.js';
import { textKey } from './text-key.js';

export type { Runner } from './in-flight.js';

export type Timings = { readonly tokenizeMs: number; readonly queueMs: number; readonly inferMs: number };

export type Answers = {
  /** One row a text, each `[labels]`. Not to be written to: the same text asked by others has the same rows. */
  readonly logits: readonly Float32Array[];
  readonly truncated: readonly boolean[];
  /** Read of each text; of one that is read twice, those of its first reading. */
  readonly tokens: readonly number[];
  readonly timings: Timings;
};

export type DispatchOptions = {
  /** Who asks; clients take turns. Those without a name are one client. */
  readonly client?: string | undefined;
  /** Milliseconds in which the answer must be there; at most, and by default, `limits.waitMs`. */
  readonly timeoutMs?: number | undefined;
  /** Nobody sits and waits: only what no other client wants is spent on it. */
  readonly background?: boolean | undefined;
  /** Texts that nobody wrote, to explain one that somebody did: in the background, not kept, and not counted among texts. */
  readonly probe?: boolean | undefined;
  /** The request in the trace that it belongs to. */
  readonly span?: TraceSpan | undefined;
};

/** One request's texts on their way; `cancel()` when its client has gone. */
export type Dispatched = { readonly answers: Promise<Answers>; cancel(): void };

export type Dispatcher = {
  /** `answers` rejects with ServiceError `queue-full`, `deadline-exceeded` or `model-failed`. */
  dispatch(model: ServedModel, texts: readonly TextInput[], options?: DispatchOptions): Dispatched;
  /** The same of points on the way to a text, of a model that has an explain graph. */
  dispatchPoints(model: ServedModel, points: readonly PathPoint[], options: PointOptions): DispatchedPoints;
  /** Texts that wait. */
  readonly waiting: number;
  /** Gives up texts that have waited too long; call it now and then. */
  sweep(): void;
};

export type DispatcherDeps = Omit<InFlightDeps, 'cache'>;

/** A text of the request, however often the request holds it. */
type Question = { readonly key: string; readonly input: TextInput; readonly readings: number[]; readonly text: number };

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { limits, metrics, now } = deps;
  const cache = limits.cacheBytes > 0 ? createResultCache(limits.cacheBytes) : undefined;
  const inFlight = createInFlight({ ...deps, cache });
  let tokenizing = 0;

  /** What the cache does not answer. */
  const unanswered = (questions: readonly Question[], { results, probe }: Request): readonly Question[] => {
    if (!cache || probe) return questions;
    const left = questions.filter(({ key, readings }) => {
      const known = cache.get(key);
      if (known) for (const reading of readings) results[reading] = known;
      return !known;
    });
    metrics.cacheLookups.labels('hit').inc(questions.length - left.length);
    metrics.cacheLookups.labels('miss').inc(left.length);
    metrics.cacheBytes.set(cache.bytes);
    return left;
  };

  /** Tokenises those that nobody else has in hand. */
  const encode = async ({ tokenizer, manifest }: ServedModel, questions: readonly Question[]) => {
    const encodings = questions.map(({ key }) => inFlight.encodingOf(key));
    const unknown = questions.filter((_, i) => !encodings[i]);
    if (unknown.length === 0) return encodings;
    tokenizing += unknown.length;
    const inputs = unknown.map(({ input }) => input);
    const made = await tokenizer.encode(inputs, manifest.text.maxTokens).finally(() => {
      tokenizing -= unknown.length;
    });
    let next = 0;
    return encodings.map((encoding) => encoding ?? made[next++]);
  };

  const answer = async (request: Request, texts: readonly TextInput[], client: string): Promise<Answers> => {
    const { model, results, timeoutMs } = request;
    const began = now();
    const deadline = began + timeoutMs - marginMs(timeoutMs);
    const { inputs, of } = readingsOf(texts, model.manifest.text.pairs);
    const answersNow = (timings: Timings): Answers => ({
      logits: averageReadings(results.map(({ logits }) => logits), of), // biome-ignore format: short
      truncated: anyReading(results.map(({ truncated }) => truncated), of), // biome-ignore format: short
      tokens: results.flatMap(({ tokens }, reading) => (of[reading] === of[reading - 1] ? [] : [tokens])),
      timings,
    });

    const questions = unanswered(questionsOf(model, inputs, of), request);
    if (questions.length === 0) return answersNow({ tokenizeMs: 0, queueMs: 0, inferMs: 0 });
    const fresh = questions.filter(({ key }) => !inFlight.encodingOf(key)).length;
    // Before their lengths are known: what could not be answered in time even if they were empty is not worth tokenising.
    const least = { lane: model.key, client, texts: fresh + tokenizing, tokens: fresh, longest: 1, deadline };
    if (fresh > 0) turnAway(inFlight.objection(least, { model, texts: fresh }));
    const encodings = await encode(model, questions);
    if (request.done) throw gone();
    const offered = now();
    request.entries = questions.map(({ key, readings, text }, i): Waiting<Entry> => {
      const encoding = encodings[i]!;
      const payload = { request, readings, text, encoding, failures: 0 };
      return { lane: model.key, client, key, tokens: encoding.ids.length, arrived: offered, deadline, alone: false, payload };
    });
    request.left = questions.length;
    await new Promise<void>((resolve, reject) => {
      Object.assign(request, { resolve, reject });
      turnAway(inFlight.add(request.entries));
    });
    const timings = { tokenizeMs: offered - began, queueMs: Math.max(0, now() - offered - request.inferMs), inferMs: request.inferMs };
    if (!request.probe) observeStages(metrics, model, timings, now() - began);
    if (request.span) traceStages(request, timings, began, now());
    return answersNow(timings);

    function turnAway(objection: ReturnType<typeof inFlight.objection>): void {
      if (!objection) return;
      if (!request.probe) metrics.shed.labels('admission').inc(questions.length);
      throw refuse(objection, { waiting: inFlight.waiting, timeoutMs });
    }
  };

  return {
    dispatch(model, texts, { client = '', timeoutMs = limits.waitMs, probe = false, background = probe, span } = {}) {
      const request: Request = { model, timeoutMs: Math.min(timeoutMs, limits.waitMs), probe, span, ...idle() };
      const account = probe ? explaining(client) : background ? inBackground(client) : client;
      return { answers: answer(request, texts, account), cancel: () => inFlight.fail(request, gone()) };
    },
    dispatchPoints: (model, points, options) =>
      dispatchPoints(inFlight, { model, points, ...options, account: explaining(options.client ?? ''), now }),
    get waiting() {
      return inFlight.waiting;
    },
    sweep: inFlight.sweep,
  };
}

/** Kept back from the time that a client gives, for reading its request and writing its answer: a twentieth, at most 20. Milliseconds. */
const marginMs = (timeoutMs: number): number => Math.min(20, timeoutMs / 20);

/** Behind what somebody waits for a verdict of, but not behind the client's own files: those take turns with its explanations. */
const explaining = (client: string): string => inBackground(`explained/${client}`);

function observeStages(
  { stageDuration }: InFlightDeps['metrics'],
  { manifest }: ServedModel,
  { tokenizeMs, queueMs, inferMs }: Timings,
  totalMs: number,
): void {
  const ms = { tokenize: tokenizeMs, queue: queueMs, infer: inferMs, total: totalMs };
  for (const stage of stages) stageDuration.labels(manifest.name, manifest.version, stage).observe(ms[stage] / 1000);
}

/** The batches it shared are linked. */
function traceStages({ span, batches }: Request, { tokenizeMs, inferMs }: Timings, began: number, ended: number): void {
  span?.part('tokenize', began, began + tokenizeMs);
  span?.part('queue', began + tokenizeMs, ended - inferMs);
  span?.part('infer', ended - inferMs, ended, batches);
}

/** @param of for each of `inputs`, the text that it is a reading of */
function questionsOf(model: ServedModel, inputs: readonly TextInput[], of: readonly number[]): readonly Question[] {
  const questions = new Map<string, Question>();
  for (const [reading, input] of inputs.entries()) {
    const key = textKey(model, input);
    const same = questions.get(key);
    if (same) same.readings.push(reading);
    else questions.set(key, { key, input, readings: [reading], text: of[reading]! });
  }
  return [...questions.values()];
}
