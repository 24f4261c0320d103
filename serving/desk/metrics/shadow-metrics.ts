/** @file What is counted of a second version that is asked along. */
import { Counter, Histogram, type Registry } from 'prom-client';
import { fromZero, model } from './metric-scales.js';

export function shadowMetrics(registers: Registry[]) {
  return {
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
    shadowSkipped: fromZero(
      new Counter({
        name: 'copydesk_shadow_skipped_total',
        help: 'Requests that were not asked of the second version: no room, or it failed.',
        labelNames: ['reason'] as const,
        registers,
      }),
      ['busy', 'failed'],
    ),
  };
}
