/** @file What the server counts, in Prometheus' terms. Base units: seconds, bytes. No label has a value that a client may choose. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { batchMetrics } from './batch-metrics.js';
import { decisionMetrics, driftMetrics } from './decision-metrics.js';
import { providerMetrics } from './provider-metrics.js';
import { requestMetrics } from './request-metrics.js';
import { createScoreWatch } from './score-watch.js';
import { serverMetrics } from './server-metrics.js';
import { shadowMetrics } from './shadow-metrics.js';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  // Gauges that are named like counters.
  for (const { name } of registry.getMetricsAsArray()) if (/^nodejs_active_.*_total$/.test(name)) registry.removeSingleMetric(name);
  const decisions = decisionMetrics(registers);
  const scores = createScoreWatch((of, label, score) => decisions.score.labels(of.name, of.version, label).observe(score));
  driftMetrics(scores, registers);
  return {
    registry,
    scores,
    ...decisions,
    ...requestMetrics(registers),
    ...batchMetrics(registers),
    ...shadowMetrics(registers),
    ...serverMetrics(registers),
    ...providerMetrics(registers),
    /** A model that is served from now on: what it may decide is counted from nothing. */
    meet(name: string, version: string): void {
      for (const decision of ['publish', 'review', 'block']) decisions.decisions.labels(name, version, decision).inc(0);
    },
    /** Takes off what was counted of a model that is no longer served, so that a thousand reloads leave nothing behind. */
    async forget(name: string, version: string): Promise<void> {
      scores.forget({ name, version });
      for (const { name: of } of registry.getMetricsAsArray()) {
        const metric = registry.getSingleMetric(of);
        if (!metric) continue;
        const { values } = await metric.get();
        for (const { labels } of values) {
          const { le: _le, ...own } = labels as Record<string, string>;
          if (own.model === name && (own.version === version || own.shadow === version)) metric.remove(own);
        }
      }
    },
  };
}
