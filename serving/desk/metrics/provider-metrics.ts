/** @file What is counted of what computes: the providers that were asked for, and those that really run. */
import { Gauge, type Registry } from 'prom-client';
import { model } from './metric-scales.js';

export function providerMetrics(registers: Registry[]) {
  return {
    modelWorkers: new Gauge({
      name: 'copydesk_model_workers',
      help: 'Workers in which a model is loaded, by the provider that computes there.',
      labelNames: [...model, 'provider'] as const,
      registers,
    }),
    providerFallback: new Gauge({
      name: 'copydesk_provider_fallback',
      help: 'Whether a worker computes a model by another provider than the first that was asked for: 1 or 0.',
      labelNames: [...model, 'wanted'] as const,
      registers,
    }),
  };
}
