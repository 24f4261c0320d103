/** @file A request on its way, and the texts that it waits for. */
import type { Encoding, PathPoint } from '../../models/index.js';
import type { Waiting } from '../batching/index.js';
import type { TraceSpan } from '../tracing/index.js';
import type { ServedModel } from './catalogue.js';
import type { Result } from './result-cache.js';

export type Request = {
  readonly model: ServedModel;
  readonly timeoutMs: number;
  /** Asked to explain another text: its answers are not kept, it is not counted as shed, and it does not run again. */
  readonly probe: boolean;
  /** By reading: a pair that is read in both orders has two. */
  readonly results: Result[];
  entries: readonly Waiting<Entry>[];
  /** Entries without a result. */
  left: number;
  done: boolean;
  inferMs: number;
  readonly span: TraceSpan | undefined;
  /** In which its texts ran, as far as they are in a trace. */
  readonly batches: TraceSpan[];
  resolve(): void;
  reject(error: Error): void;
};

/** Of a request of which nothing waits yet. */
export const idle = (): Pick<Request, 'results' | 'entries' | 'left' | 'done' | 'inferMs' | 'batches' | 'resolve' | 'reject'> => ({
  results: [],
  entries: [],
  left: 0,
  done: false,
  inferMs: 0,
  batches: [],
  resolve: () => {},
  reject: () => {},
});

/** One text of a request, however often the request holds it. */
export type Entry = {
  readonly request: Request;
  /** Of `request.results`. */
  readonly readings: readonly number[];
  /** Where the text stands in the request. */
  readonly text: number;
  readonly encoding: Encoding;
  /** Where it is one on the way to its text, for the explain graph. */
  readonly point?: PathPoint;
  failures: number;
};
