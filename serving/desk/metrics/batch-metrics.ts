/** @file What is counted of batches, the queue before them and the cache. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { fromZero, model, seconds } from './metric-scales.js';

const sizes = [1, 2, 4, 8, 16, 32, 64];
const lengths = [8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096];

export function batchMetrics(registers: Registry[]) {
  return {
    batchDuration: new Histogram({
      name: 'copydesk_batch_duration_seconds',
      help: 'Time that a batch took inside the session.',
      labelNames: model,
      buckets: seconds,
      registers,
    }),
    batchSize: new Histogram({ name: 'copydesk_batch_size', help: 'Texts in a batch.', labelNames: model, buckets: sizes, registers }),
    batchTokens: new Histogram({
      name: 'copydesk_batch_tokens',
      help: 'Tokens in a batch, padding included.',
      labelNames: model,
      buckets: lengths,
      registers,
    }),
    inlineBatches: new Counter({
      name: 'copydesk_inline_batches_total',
      help: 'Batches computed in the thread that listens, as nobody else asked; among the others in copydesk_batch_*.',
      labelNames: model,
      registers,
    }),
    realTokens: new Counter({
      name: 'copydesk_tokens_total',
      help: 'Tokens of texts that were computed.',
      labelNames: model,
      registers,
    }),
    paddingTokens: new Counter({
      name: 'copydesk_padding_tokens_total',
      help: 'Tokens of padding that were computed along with them.',
      labelNames: model,
      registers,
    }),
    workOffered: new Counter({
      name: 'copydesk_work_offered_seconds_total',
      help: 'Worker time that the texts asked for would take in full batches, refused ones included; by the cost learnt from batches that ran.',
      labelNames: model,
      registers,
    }),
    load: new Gauge({
      name: 'copydesk_load_ratio',
      help: 'Work offered to what the workers can do, over about half a minute; above 1 texts are refused or wait longer and longer.',
      registers,
    }),
    shed: fromZero(
      new Counter({
        name: 'copydesk_texts_shed_total',
        help: 'Texts that could not be answered in time: refused at the door (admission), when their batch was chosen, or while they waited.',
        labelNames: ['stage'] as const,
        registers,
      }),
      ['admission', 'batch', 'queue'],
    ),
    deduplicated: new Counter({
      name: 'copydesk_texts_deduplicated_total',
      help: 'Texts that were not computed, since the same text was just then.',
      registers,
    }),
    cacheLookups: fromZero(
      new Counter({
        name: 'copydesk_cache_lookups_total',
        help: 'Texts looked up in the cache of answers.',
        labelNames: ['outcome'] as const,
        registers,
      }),
      ['hit', 'miss'],
    ),
    cacheBytes: new Gauge({ name: 'copydesk_cache_bytes', help: 'Memory of the cache of answers.', registers }),
    retried: new Counter({ name: 'copydesk_texts_retried_total', help: 'Texts run again after their batch failed.', registers }),
    queueTexts: new Gauge({ name: 'copydesk_queue_texts', help: 'Texts that wait.', registers }),
    queueTokens: new Gauge({ name: 'copydesk_queue_tokens', help: 'Tokens that wait.', registers }),
  };
}
