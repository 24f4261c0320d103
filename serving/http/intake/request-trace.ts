/** @file A request in the trace that it belongs to. */
import type { Request } from 'express';
import { type Tracing, traceContextOf } from '../../tracing/index.js';
import type { ExchangeResponse } from './exchange.js';

/** @param began `performance.now()` */
export function joinTrace({ locals }: ExchangeResponse, { method, headers }: Request, began: number, tracing: Tracing | undefined): void {
  const context = traceContextOf(headers);
  const span = tracing?.request(method, began, context, { 'http.request.method': method });
  const trace = span ?? context;
  if (trace) locals.trace = { traceId: trace.traceId, spanId: trace.spanId };
  if (span) locals.span = span;
}

export function endTrace({ locals }: ExchangeResponse, ended: number, code: number): void {
  const { span, route, model, version, texts, id } = locals;
  if (!span) return;
  const about = { 'copydesk.model': model, 'copydesk.version': version, 'copydesk.texts': texts, 'copydesk.request_id': id };
  span.end(ended, { 'http.route': route, 'http.response.status_code': code, ...about }, code >= 500);
}
