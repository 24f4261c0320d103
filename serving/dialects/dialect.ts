/** @file What a dialect is: another service's protocol, spoken by ours. Routes as data, over the one desk. */
import type { z } from 'zod';
import type { Scope } from '../access/index.js';
import type { Desk } from '../desk/index.js';
import type { Operation, ServiceError, ServiceErrorCode } from '../protocol/index.js';

export type Dialect = {
  readonly name: string;
  /** For people, in the description of the server. */
  readonly title: string;
  readonly routes: readonly DialectRoute[];
  /** Paths of this protocol, answered or not: what is refused there is refused in its words. */
  readonly owns: RegExp;
  /** HTTP status of a refusal, which may be another than ours. */
  statusFor(code: ServiceErrorCode): number;
  readonly refusalSchema: z.ZodType;
  refuse(error: ServiceError): { readonly body: unknown; readonly headers?: Readonly<Record<string, string>> };
};

export type DialectRoute = Operation & {
  readonly method: 'GET' | 'POST';
  readonly scope?: Scope;
  /** Names the header that says how many bytes of the body are JSON; what follows them comes as `tail`. */
  readonly jsonLengthHeader?: string;
  answer(request: DialectRequest, context: DialectContext): DialectAnswer | Promise<DialectAnswer>;
};

export type DialectRequest = {
  /** From `x-request-id`, or made here. */
  readonly id: string;
  /** Parts of the path, by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Decoded JSON; unchecked. */
  readonly body: unknown;
  readonly tail: Uint8Array;
  /** The server as this client addressed it: `http://127.0.0.1:8000`. */
  readonly origin: string;
};

export type DialectContext = {
  /** Knows already who asks, for how long they wait and how much they may ask. */
  readonly desk: Desk;
  readonly ready: () => boolean;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Of the program. */
  readonly version: string;
  /** Names of other services' attributes → our labels, as the policy has them now. */
  readonly attributes: () => Readonly<Record<string, string>>;
  /** Where opinions on verdicts go; absent: nowhere, and clients are told so. */
  readonly feedback?: FeedbackSink | undefined;
};

export type DialectAnswer = {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes are sent as they are, all else as JSON. */
  readonly body: unknown;
};

/** What someone thinks a text should have been given. */
export type Suggestion = {
  readonly text: string;
  /** By label, 0 to 1. */
  readonly scores: Readonly<Record<string, number>>;
  /** `name@version` of the model that was asked, or would have been. */
  readonly model: string;
  /** Names the suggestion on the side of whoever sent it. */
  readonly clientToken?: string | undefined;
  readonly communityId?: string | undefined;
  /** Who sent it: the id of a key, else an address. */
  readonly client?: string | undefined;
};

/** Resolves when the suggestion is kept. */
export type FeedbackSink = (suggestion: Suggestion) => Promise<void>;
