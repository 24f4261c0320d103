/** @file What is written down about a batch: in metrics, and in the traces of those who asked. */
import type { Running } from '../batching/index.js';
import type { TraceSpan } from '../tracing/index.js';
import type { ServedModel } from './catalogue.js';
import type { Metrics } from './metrics/metrics.js';
import type { Entry } from './request.js';

export function observeBatch(metrics: Metrics, model: ServedModel, { work, padded }: Running<Entry>, seconds: number): void {
  const labels = [model.manifest.name, model.manifest.version] as const;
  const real = work.reduce((sum, { tokens }) => sum + tokens, 0);
  metrics.batchDuration.labels(...labels).observe(seconds);
  metrics.batchSize.labels(...labels).observe(work.length);
  metrics.batchTokens.labels(...labels).observe(padded);
  metrics.realTokens.labels(...labels).inc(real);
  metrics.paddingTokens.labels(...labels).inc(padded - real);
}

/** One span for the work of many requests, where any of them is in a trace that somebody will see. */
export function traceBatch({ work, padded, began }: Running<Entry>, { key }: ServedModel): TraceSpan | undefined {
  const requests = new Set(work.flatMap(({ entries }) => entries.map(({ payload }) => payload.request)));
  const traced = [...requests].filter(({ span }) => span?.sampled);
  const spans = traced.flatMap(({ span }) => span ?? []);
  const [first] = spans;
  const attributes = { 'copydesk.model': key, 'copydesk.batch.texts': work.length, 'copydesk.batch.tokens': padded };
  const shared = first?.shared('batch', began, spans, attributes);
  if (shared) for (const { batches } of traced) batches.push(shared);
  return shared;
}
