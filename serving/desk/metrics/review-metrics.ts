/** @file What is counted of the queue of held texts, where there is one. */
import { Counter, Gauge, type Registry } from 'prom-client';

export type ReviewMetrics = ReturnType<typeof reviewMetrics>;

export function reviewMetrics(registers: Registry[]) {
  return {
    texts: new Counter({
      name: 'copydesk_review_texts_total',
      help: 'Texts that the policy held, by what became of them: queued, or why they are not in the queue (full, unavailable, late).',
      labelNames: ['outcome'] as const,
      registers,
    }),
    decisions: new Counter({
      name: 'copydesk_review_decisions_total',
      help: 'Decisions of reviewers, and whether they gave the label that the model gave.',
      labelNames: ['action', 'agrees'] as const,
      registers,
    }),
    feedback: new Counter({ name: 'copydesk_feedback_total', help: 'Suggestions that were kept.', registers }),
    erased: new Counter({
      name: 'copydesk_review_erased_total',
      help: 'Items and suggestions that were erased: on request, or because of their age.',
      labelNames: ['cause'] as const,
      registers,
    }),
    items: new Gauge({ name: 'copydesk_review_items', help: 'Items in the file.', labelNames: ['status'] as const, registers }),
    suggestions: new Gauge({ name: 'copydesk_review_suggestions', help: 'Suggestions in the file.', registers }),
    oldest: new Gauge({ name: 'copydesk_review_oldest_seconds', help: 'Age of the oldest item that waits; 0: none waits.', registers }),
    bytes: new Gauge({ name: 'copydesk_review_file_bytes', help: 'Size of the file.', registers }),
    up: new Gauge({ name: 'copydesk_review_up', help: 'Whether the file can be written: 1 or 0.', registers }),
  };
}
