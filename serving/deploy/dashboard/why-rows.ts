/** @file Why: where time, work and memory go. */
import { by, M, quantile, R, type Row, rate, S } from './panel.js';

const stagesOf: Row = {
  title: 'Why: where the time goes',
  panels: [
    {
      title: 'p50 by stage',
      about: 'queue grows with the load; infer with the length of texts and of batches; total less these is waiting for the main thread.',
      unit: 's',
      width: 8,
      lines: [[quantile(0.5, 'copydesk_stage_duration_seconds', M, 'stage'), '{{stage}}']],
    },
    {
      title: 'p99 by stage',
      about: 'The same for the slowest of a hundred.',
      unit: 's',
      width: 8,
      lines: [[quantile(0.99, 'copydesk_stage_duration_seconds', M, 'stage'), '{{stage}}']],
    },
    {
      title: 'Total, all requests',
      about: 'How many requests took how long.',
      unit: 's',
      form: 'heatmap',
      width: 8,
      lines: [[`sum by (le) (increase(copydesk_stage_duration_seconds_bucket{${M},stage="total"}${R}))`, '{{le}}']],
    },
  ],
};

const batches: Row = {
  title: 'Why: batches and padding',
  panels: [
    {
      title: 'Texts in a batch',
      about: 'Batches grow because workers are busy, never because they wait for more.',
      unit: 'short',
      width: 6,
      lines: [
        [`${by('model', rate('copydesk_batch_size_sum', M))} / ${by('model', rate('copydesk_batch_size_count', M))}`, '{{model}} mean'],
        [quantile(0.95, 'copydesk_batch_size', M, 'model'), '{{model}} p95'],
      ],
    },
    {
      title: 'Padding',
      about: 'Share of the computed tokens that are padding. Above .4: texts of very different lengths come together, or too few at once.',
      unit: 'percentunit',
      width: 6,
      lines: [
        [
          `${by('model', rate('copydesk_padding_tokens_total', M))} / (${by('model', rate('copydesk_padding_tokens_total', M))} + ${by('model', rate('copydesk_tokens_total', M))})`,
          '{{model}}',
        ],
      ],
    },
    {
      title: 'Tokens',
      about: 'Computed in a second, padding not included.',
      unit: 'ops',
      width: 6,
      lines: [[by('model', rate('copydesk_tokens_total', M)), '{{model}}']],
    },
    {
      title: 'Spared',
      about: 'Texts that cost nothing: the same text was just being computed, or is in the cache.',
      unit: 'ops',
      width: 6,
      lines: [
        [`sum(${rate('copydesk_texts_deduplicated_total')})`, 'same text in flight'],
        [`sum(${rate('copydesk_cache_lookups_total', `${S},outcome="hit"`)})`, 'cache'],
      ],
    },
  ],
};

const queue: Row = {
  title: 'Why: queue and shedding',
  panels: [
    {
      title: 'Load',
      about: 'Work asked for, refused work included, to what the workers can do. What the number of instances goes by.',
      unit: 'percentunit',
      width: 6,
      lines: [[`copydesk_load_ratio{${S}}`, '{{instance}}']],
      steps: [0.8, 1],
    },
    {
      title: 'Work asked for',
      about: 'Seconds of worker time in a second, by model: which of them the load comes from.',
      unit: 'short',
      width: 6,
      lines: [[by('model', rate('copydesk_work_offered_seconds_total', M)), '{{model}}']],
    },
    {
      title: 'Queue',
      about: 'Tokens and texts that wait.',
      unit: 'short',
      width: 6,
      lines: [
        [`sum(copydesk_queue_tokens{${S}})`, 'tokens'],
        [`sum(copydesk_queue_texts{${S}})`, 'texts'],
      ],
    },
    {
      title: 'Shed',
      about: 'Texts that could not be answered in time. At the door it costs nothing; `batch` and `queue` were promises not kept.',
      unit: 'ops',
      width: 6,
      lines: [[by('stage', rate('copydesk_texts_shed_total')), '{{stage}}']],
    },
  ],
};

const machine: Row = {
  title: 'Why: workers, main thread, memory',
  panels: [
    {
      title: 'Workers',
      about: 'Loaded, and how many there should be; and how many were lost in the hour.',
      unit: 'short',
      width: 6,
      lines: [
        [`sum(copydesk_workers{${S}})`, 'loaded'],
        [`sum(copydesk_workers_wanted{${S}})`, 'wanted'],
        [`sum(increase(copydesk_worker_losses_total{${S}}[1h]))`, 'lost in an hour'],
      ],
    },
    {
      title: 'Workers busy',
      about: 'Share of their time that workers spend in sessions.',
      unit: 'percentunit',
      width: 6,
      lines: [[`sum(${rate('copydesk_batch_duration_seconds_sum')}) / sum(copydesk_workers{${S}})`, 'busy']],
    },
    {
      title: 'Main thread',
      about:
        'Share of its time that it works, and by how much its timers are late. Above .8 it is what limits: add instances, not workers.',
      unit: 'percentunit',
      width: 6,
      lines: [[`copydesk_event_loop_utilization_ratio{${S}}`, '{{instance}}']],
      steps: [0.6, 0.8],
    },
    {
      title: 'Event loop lag',
      about: 'By how much timers are late, p99 since the scrape before. Health checks wait as long.',
      unit: 's',
      width: 6,
      lines: [[`nodejs_eventloop_lag_p99_seconds{${S}}`, '{{instance}}']],
    },
    {
      title: 'Memory',
      about: 'Of the whole process, and of the heap of its main thread. Flat under a steady load, models loaded again included.',
      unit: 'bytes',
      width: 6,
      lines: [
        [`process_resident_memory_bytes{${S}}`, '{{instance}} resident'],
        [`nodejs_heap_size_used_bytes{${S}}`, '{{instance}} heap'],
      ],
    },
    {
      title: 'CPU',
      about: 'Cores in use.',
      unit: 'short',
      width: 6,
      lines: [[rate('process_cpu_seconds_total'), '{{instance}}']],
    },
    {
      title: 'Providers',
      about: 'Workers that run each model, by execution provider. A fallback shows here and in /info.',
      unit: 'short',
      width: 6,
      lines: [[`sum by (model, provider) (copydesk_model_workers{${M}})`, '{{model}} {{provider}}']],
    },
    {
      title: 'In flight, gone, retried',
      about: 'Requests being answered; clients that went away; texts that ran again since their batch failed.',
      unit: 'short',
      width: 6,
      lines: [
        [`sum(copydesk_in_flight_requests{${S}})`, 'in flight'],
        [`sum(${rate('copydesk_requests_abandoned_total')})`, 'gone in a second'],
        [`sum(${rate('copydesk_texts_retried_total')})`, 'retried in a second'],
      ],
    },
  ],
};

export const whyRows: readonly Row[] = [stagesOf, batches, queue, machine];
