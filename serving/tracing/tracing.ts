/** @file What the parts of the server say about their work to whoever follows a request through many services. Times: `performance.now()`. */
import type { TraceContext } from './trace-context.js';

export type AttributeValue = string | number | boolean;
/** Never a text, a key, an address or a path that a client chose. */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** A piece of work in a trace; once it has ended nothing is added. */
export type TraceSpan = {
  readonly traceId: string;
  readonly spanId: string;
  /** Whether anybody will see it. */
  readonly sampled: boolean;
  /** A part of it that is over. `links`: work that was done for others as well. */
  part(name: string, began: number, ended: number, links?: readonly TraceSpan[]): void;
  /** Work for this span and others. It hangs on this one and is linked with all. */
  shared(name: string, began: number, others: readonly TraceSpan[], attributes: Attributes): TraceSpan;
  end(ended: number, attributes: Attributes, failed?: boolean): void;
};

export type Tracing = {
  /** @param context where the request belongs, if it said so */
  request(name: string, began: number, context: TraceContext | undefined, attributes: Attributes): TraceSpan;
  /** Sends off what is left. */
  close(): Promise<void>;
};
