/** @file What the server counts, in Prometheus' terms. Durations are seconds. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** From half a millisecond, where a small model answers, to the longest wait that is allowed. */
const seconds = [0.0005, 0.001, 0.002, 0.004, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const sizes = [1, 2, 4, 8, 16, 32, 64];
const lengths = [8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096];

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const model = ['model', 'version'] as const;
  const stage = (name: string, help: string) =>
    new Histogram({ name: `copydesk_${name}_duration_seconds`, help, labelNames: model, buckets: seconds, registers });
  return {
    registry,
    requests: new Counter({
      name: 'copydesk_requests_total',
      help: 'Answered requests.',
      labelNames: ['route', 'code', ...model] as const,
      registers,
    }),
    requestDuration: new Histogram({
      name: 'copydesk_request_duration_seconds',
      help: 'From the first byte of a request to the last of its answer.',
      labelNames: ['route'] as const,
      buckets: seconds,
      registers,
    }),
    tokenizeDuration: stage('tokenize', 'Time to turn the texts of a request into tokens.'),
    queueDuration: stage('queue', 'Time for which the texts of a request waited for a worker.'),
    inferDuration: stage('infer', 'Time that a batch took inside the session.'),
    batchSize: new Histogram({ name: 'copydesk_batch_size', help: 'Texts in a batch.', labelNames: model, buckets: sizes, registers }),
    batchTokens: new Histogram({
      name: 'copydesk_batch_tokens',
      help: 'Tokens in a batch, padding included.',
      labelNames: model,
      buckets: lengths,
      registers,
    }),
    realTokens: new Counter({ name: 'copydesk_tokens_total', help: 'Tokens of texts.', labelNames: model, registers }),
    paddingTokens: new Counter({ name: 'copydesk_padding_tokens_total', help: 'Tokens of padding.', labelNames: model, registers }),
    decisions: new Counter({
      name: 'copydesk_decisions_total',
      help: 'Verdicts given.',
      labelNames: [...model, 'decision'] as const,
      registers,
    }),
    rejected: new Counter({ name: 'copydesk_rejected_total', help: 'Requests refused.', labelNames: ['reason'] as const, registers }),
    retried: new Counter({ name: 'copydesk_texts_retried_total', help: 'Texts run again after their batch failed.', registers }),
    abandoned: new Counter({ name: 'copydesk_requests_abandoned_total', help: 'Requests whose client went away.', registers }),
    workerLosses: new Counter({ name: 'copydesk_worker_losses_total', help: 'Worker threads that ended or hung.', registers }),
    queueTexts: new Gauge({ name: 'copydesk_queue_texts', help: 'Texts that wait.', registers }),
    queueTokens: new Gauge({ name: 'copydesk_queue_tokens', help: 'Tokens that wait.', registers }),
    inFlight: new Gauge({ name: 'copydesk_in_flight_requests', help: 'Requests being answered.', registers }),
    workers: new Gauge({ name: 'copydesk_workers', help: 'Worker threads that are loaded.', registers }),
    modelInfo: new Gauge({
      name: 'copydesk_model_info',
      help: 'Models served; always 1.',
      labelNames: [...model, 'default'] as const,
      registers,
    }),
  };
}
