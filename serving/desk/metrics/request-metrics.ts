/** @file What is counted of requests. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { errorCodes } from '../../protocol/index.js';
import { fromZero, model, seconds } from './metric-scales.js';
import { createQuickHistogram } from './quick-histogram.js';

/** Parts of a request's way. */
export const stages = ['tokenize', 'queue', 'infer', 'total'] as const;

export function requestMetrics(registers: Registry[]) {
  return {
    requests: new Counter({
      name: 'copydesk_requests_total',
      help: 'Answered requests.',
      labelNames: ['route', 'code', ...model] as const,
      registers,
    }),
    requestDuration: createQuickHistogram({
      name: 'copydesk_request_duration_seconds',
      help: 'From the first byte of a request to the last of its answer.',
      labelNames: ['route'] as const,
      buckets: seconds,
      registers,
    }),
    stageDuration: createQuickHistogram({
      name: 'copydesk_stage_duration_seconds',
      help: 'What the texts of one request took: tokenize, queue (waiting for a worker), infer (in the session), total.',
      labelNames: [...model, 'stage'] as const,
      buckets: seconds,
      registers,
    }),
    inFlight: new Gauge({ name: 'copydesk_in_flight_requests', help: 'Requests being answered.', registers }),
    rejected: fromZero(
      new Counter({
        name: 'copydesk_rejected_total',
        help: 'Requests refused, by the code of the refusal.',
        labelNames: ['reason'] as const,
        registers,
      }),
      errorCodes,
    ),
    abandoned: new Counter({ name: 'copydesk_requests_abandoned_total', help: 'Requests whose client went away.', registers }),
  };
}
