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
    rules: new Counter({
      name: 'copydesk_rules_total',
      help: 'What decided: kind of the rule, its label or word list, what it decided, and whether that was enforced or only observed.',
      labelNames: [...model, 'kind', 'name', 'decision', 'mode'] as const,
      registers,
    }),
    rejected: new Counter({ name: 'copydesk_rejected_total', help: 'Requests refused.', labelNames: ['reason'] as const, registers }),
    shed: new Counter({
      name: 'copydesk_texts_shed_total',
      help: 'Texts that could not be answered in time: refused at the door (admission), when their batch was chosen, or while they waited.',
      labelNames: ['stage'] as const,
      registers,
    }),
    deduplicated: new Counter({
      name: 'copydesk_texts_deduplicated_total',
      help: 'Texts that were not computed, since the same text was just then.',
      registers,
    }),
    cacheLookups: new Counter({
      name: 'copydesk_cache_lookups_total',
      help: 'Texts looked up in the cache of answers.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    cacheBytes: new Gauge({ name: 'copydesk_cache_bytes', help: 'Memory of the cache of answers.', registers }),
    retried: new Counter({ name: 'copydesk_texts_retried_total', help: 'Texts run again after their batch failed.', registers }),
    abandoned: new Counter({ name: 'copydesk_requests_abandoned_total', help: 'Requests whose client went away.', registers }),
    workerLosses: new Counter({ name: 'copydesk_worker_losses_total', help: 'Worker threads that ended or hung.', registers }),
    queueTexts: new Gauge({ name: 'copydesk_queue_texts', help: 'Texts that wait.', registers }),
    queueTokens: new Gauge({ name: 'copydesk_queue_tokens', help: 'Tokens that wait.', registers }),
    inFlight: new Gauge({ name: 'copydesk_in_flight_requests', help: 'Requests being answered.', registers }),
    workers: new Gauge({ name: 'copydesk_workers', help: 'Worker threads that are loaded.', registers }),
    shadowTexts: new Counter({
      name: 'copydesk_shadow_texts_total',
      help: 'Texts that a second version was asked as well, by whether it gives the same label and decision.',
      labelNames: [...model, 'shadow', 'agrees', 'decision', 'shadow_decision'] as const,
      registers,
    }),
    shadowDifference: new Histogram({
      name: 'copydesk_shadow_score_difference',
      help: 'Largest difference of a score between both versions.',
      labelNames: [...model, 'shadow'] as const,
      buckets: [0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1],
      registers,
    }),
    shadowSkipped: new Counter({
      name: 'copydesk_shadow_skipped_total',
      help: 'Requests that were not asked of the second version: no room, or it failed.',
      labelNames: ['reason'] as const,
      registers,
    }),
    modelLoads: new Counter({
      name: 'copydesk_model_changes_total',
      help: 'Models loaded, unloaded, refused, or made the default, while the server runs.',
      labelNames: ['event'] as const,
      registers,
    }),
    modelInfo: new Gauge({
      name: 'copydesk_model_info',
      help: 'Models served; always 1.',
      labelNames: [...model, 'default'] as const,
      registers,
    }),
  };
}
