/** @file What is counted of verdicts: what was decided, by what, and how the scores lie. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { model } from './metric-scales.js';
import { createQuickHistogram } from './quick-histogram.js';
import type { ScoreWatch } from './score-watch.js';

const tenths = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

export function decisionMetrics(registers: Registry[]) {
  return {
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
    explanations: new Counter({
      name: 'copydesk_explanations_total',
      help: 'Texts that were to be explained, by the method, or by why they were not: time, busy, failed, off.',
      labelNames: [...model, 'outcome'] as const,
      registers,
    }),
    explainCalls: new Counter({
      name: 'copydesk_explanation_texts_total',
      help: 'Texts, and points on the way to texts, that the model was asked in order to explain others.',
      labelNames: model,
      registers,
    }),
    truncated: new Counter({
      name: 'copydesk_texts_truncated_total',
      help: 'Texts whose end was not read, since they are longer than the model reads.',
      labelNames: model,
      registers,
    }),
    score: createQuickHistogram({
      name: 'copydesk_label_score',
      help: 'Score of each label; of a model of many labels, of its first ones.',
      labelNames: [...model, 'label'] as const,
      buckets: tenths,
      registers,
    }),
  };
}

/** How far the scores have moved, computed when metrics are read. */
export function driftMetrics(watch: ScoreWatch, registers: Registry[]): void {
  new Gauge({
    name: 'copydesk_score_drift',
    help: 'Population stability index of the scores of a label, of the last thousand texts against those of the reference: below .1 as before, above .25 another population.',
    labelNames: [...model, 'label'] as const,
    registers,
    collect() {
      this.reset();
      for (const { model, version, label, index } of watch.drift()) this.labels(model, version, label).set(index);
    },
  });
  new Gauge({
    name: 'copydesk_score_reference_texts',
    help: 'Texts in the reference of the drift: those of val, from the bundle, or the first that were asked here.',
    labelNames: [...model, 'source'] as const,
    registers,
    collect() {
      this.reset();
      for (const { model, version, source, texts } of watch.references()) this.labels(model, version, source).set(texts);
    },
  });
}
