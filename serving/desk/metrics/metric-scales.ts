/** @file What metrics have in common: how they are cut up, and whose they are. */
import type { Counter } from 'prom-client';

export const model = ['model', 'version'] as const;

/** From half a millisecond, where a small model answers, to the longest wait that is allowed. */
export const seconds = [0.0005, 0.001, 0.002, 0.004, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What may happen is there before it does: of a counter that appears with its first event, that event is in no rate. */
export function fromZero<Labels extends string>(counter: Counter<Labels>, values: readonly string[]): Counter<Labels> {
  for (const value of values) counter.labels(value).inc(0);
  return counter;
}
