/** @file One request and its answer: identity, headers that every answer has, what is counted and logged when it ends. */
import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { Client } from '../../access/index.js';
import type { Metrics } from '../../desk/index.js';
import { errorResponse, ServiceError, statusOf } from '../../protocol/index.js';
import type { TraceContext, TraceSpan, Tracing } from '../../tracing/index.js';
import type { ByteBudget, HeldBytes } from './byte-budget.js';
import { ClientGone } from './read-json.js';
import { endTrace, joinTrace } from './request-trace.js';
import type { Turns } from './turns.js';

/** What the exchange learns on its way; in `response.locals`. */
export type ExchangeLocals = {
  id: string;
  route: string;
  /** Bytes of the body; given back when the exchange ends. */
  body: HeldBytes;
  /** To be waited for before a body is looked into. */
  turn: Turns['take'];
  /** Whether it came before the server was told to stop. */
  accepted: boolean;
  /** Milliseconds since the request came. */
  spent: () => number;
  /** Puts a refusal into the words of the protocol that is spoken, where that is not ours. */
  refuse?: (error: ServiceError) => Refusal;
  /** Who asks; set by the route's guard. */
  client?: Client;
  /** Where the request belongs in a trace. */
  trace?: Pick<TraceContext, 'traceId' | 'spanId'>;
  /** The request in that trace, while traces are sent. */
  span?: TraceSpan;
  model?: string;
  version?: string;
  texts?: number;
};

export type Refusal = { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> };

export type ExchangeResponse = Response<unknown, ExchangeLocals>;

export type ExchangeHandler = (request: Request, response: ExchangeResponse, next: NextFunction) => void;

export type ExchangeDeps = {
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Whether no new work is taken on. */
  readonly draining: () => boolean;
  readonly now: () => number;
  readonly bytes: ByteBudget;
  readonly turns: Turns;
  readonly tracing?: Tracing | undefined;
};

/** Same-origin isolation lets the page use threads; the rest keeps browsers from guessing, keeping, and using what the page does not. */
const commonHeaders = new Map([
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-embedder-policy', 'require-corp'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['permissions-policy', 'camera=(), geolocation=(), microphone=()'],
  ['cache-control', 'no-store'],
]);

export function beginExchange({
  metrics,
  log,
  draining,
  now,
  bytes,
  turns,
  tracing,
}: ExchangeDeps): RequestHandler<never, unknown, unknown, never, ExchangeLocals> {
  return (request, response, next) => {
    const began = now();
    metrics.inFlight.inc();
    const given = request.headers['x-request-id'];
    const id = typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : randomUUID();
    response.locals.id = id;
    response.locals.route = 'other';
    response.locals.body = bytes.open();
    response.locals.turn = turns.take;
    response.locals.accepted = !draining();
    response.locals.spent = () => now() - began;
    joinTrace(response, request, began, tracing);
    response.setHeaders(commonHeaders);
    response.setHeader('x-request-id', id);
    if (draining()) response.setHeader('connection', 'close');
    response.once('close', () => {
      const { route, model = '', version = '', texts, trace } = response.locals;
      const ms = now() - began;
      const code = response.writableFinished ? response.statusCode : 499;
      response.locals.body.release();
      metrics.inFlight.dec();
      metrics.requests.labels(route, String(code), model, version).inc();
      metrics.requestDuration.labels(route).observe(ms / 1000);
      if (code === 499) metrics.abandoned.inc();
      const where = trace && { trace_id: trace.traceId, span_id: trace.spanId };
      const line = { id, method: request.method, route, code, ms: Math.round(ms * 10) / 10, model, version, texts, ...where };
      endTrace(response, began + ms, code);
      if (texts !== undefined || (code >= 400 && route !== 'ready')) log.info(line, 'request');
      else log.debug(line, 'request');
    });
    next();
  };
}

/** Aborted when the connection closes before the answer is out. */
export function whenGone(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

export function sendJson(response: Response, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.statusCode = status;
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('content-length', bytes.length);
  response.end(bytes);
}

/** The last handler: every error becomes an answer with a code, a message and a fix, never a stack. */
export function answerErrors({ metrics, log }: Pick<ExchangeDeps, 'metrics' | 'log'>) {
  // Express tells error handlers by their four parameters.
  return (error: unknown, request: Request, response: ExchangeResponse, _next: NextFunction): void => {
    if (error instanceof ClientGone || response.destroyed) return void response.destroy();
    const refusal = toServiceError(error);
    metrics.rejected.labels(refusal.code).inc();
    if (refusal.code === 'internal') log.error({ id: response.locals.id, ...faultOf(error) }, 'internal error');
    if (response.headersSent) return void response.destroy();
    const { status, body, headers } = (response.locals.refuse ?? refuse)(refusal);
    for (const [name, value] of Object.entries({ ...refusal.headers, ...headers })) response.setHeader(name, value);
    if (!request.readableEnded && leftToRead(request) > readAway) response.setHeader('connection', 'close');
    sendJson(response, status, body);
  };
}

/** Of a body that nobody wants: up to so many bytes are read and thrown away, so that the connection can be used again. */
const readAway = 65_536;

function leftToRead({ headers }: Request): number {
  if (headers['transfer-encoding'] !== undefined) return Number.POSITIVE_INFINITY;
  return Number(headers['content-length'] ?? 0);
}

/** Where it happened. Not the message: those of parsers and tokenizers quote what they were given. */
function faultOf(error: unknown): object {
  if (!(error instanceof Error)) return { fault: typeof error };
  const { stack = '', message } = error;
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n');
  const at = frames.filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line)).map((line) => line.trim());
  return { fault: error.name, code: (error as NodeJS.ErrnoException).code, at: at.slice(0, 10) };
}

const refuse = (error: ServiceError): Refusal => ({ status: statusOf[error.code], body: errorResponse(error) });

function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof URIError) return new ServiceError('invalid-request', 'the path is not a valid URL', 'encode it with percent signs');
  return new ServiceError(
    'internal',
    'something went wrong in the server',
    'try again; the log of the server says more under this x-request-id',
  );
}
