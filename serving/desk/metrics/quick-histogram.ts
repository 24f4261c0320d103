/**
 * @file A histogram that costs little to feed: what is counted for every text and every stage of every request. prom-client's own looks its labels up
 * by a string made anew each time, and counts into objects by name; the registry takes anything that it can `get`.
 */
import type { Histogram, Registry } from 'prom-client';

export type QuickHistogram<Label extends string> = {
  readonly name: string;
  readonly labelNames: readonly Label[];
  /** To be kept, where it is fed often. @param values one for each of `labelNames`, in their order */
  labels(...values: string[]): { observe(value: number): void };
  remove(labels: Readonly<Record<string, string>>): void;
};

export type QuickHistogramOptions<Label extends string> = {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
  /** Upper bounds, rising; the last, infinite one is added. */
  readonly buckets: readonly number[];
  readonly registers: readonly Registry[];
};

type Child = { readonly labels: Readonly<Record<string, string>>; readonly counts: number[]; sum: number; observe(value: number): void };

export function createQuickHistogram<Label extends string>({
  name,
  help,
  labelNames,
  buckets,
  registers,
}: QuickHistogramOptions<Label>): QuickHistogram<Label> {
  const children = new Map<string, Child>();
  const keyOf = (values: readonly string[]): string => values.join('\u0000');

  const add = (values: readonly string[]): Child => {
    const counts = new Array<number>(buckets.length + 1).fill(0);
    const labels = Object.fromEntries(labelNames.map((label, i) => [label, values[i] ?? '']));
    const child: Child = {
      labels,
      counts,
      sum: 0,
      observe(value) {
        let bucket = 0;
        while (bucket < buckets.length && value > buckets[bucket]!) bucket++;
        counts[bucket]! += 1;
        child.sum += value;
      },
    };
    children.set(keyOf(values), child);
    return child;
  };

  const histogram = {
    name,
    help,
    labelNames,
    type: 'histogram',
    aggregator: 'sum',
    labels: (...values: string[]) => children.get(keyOf(values)) ?? add(values),
    remove: (labels: Readonly<Record<string, string>>) => void children.delete(keyOf(labelNames.map((label) => labels[label] ?? ''))),
    reset: () => children.clear(),
    get: async () => ({ name, help, type: 'histogram', aggregator: 'sum', values: [...children.values()].flatMap(samplesOf) }),
  };
  for (const registry of registers) registry.registerMetric(histogram as unknown as Histogram<string>);
  return histogram;

  function samplesOf({ labels, counts, sum }: Child): readonly object[] {
    let below = 0;
    const cumulated = counts.map((count, i) => {
      below += count;
      return { metricName: `${name}_bucket`, labels: { le: buckets[i] ?? '+Inf', ...labels }, value: below };
    });
    return [...cumulated, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: below }];
  }
}
