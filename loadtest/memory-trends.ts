/** @file Whether the memory of the server grows while it is loaded. */

import type { Threshold } from './k6.js';
import { fitLine } from './line-fit.js';
import type { Sample } from './metrics.js';
import type { MemoryTrend } from './run-record.js';

/** The share of a run in which buffers and caches fill up; what comes after is looked at. */
const warmUp = 0.25;
/** Shorter runs say nothing about an hour. Seconds, after the warm-up. */
const least = 30;

export function memoryTrends(samples: readonly Sample[]): readonly MemoryTrend[] {
  const late = samples.slice(Math.floor(samples.length * warmUp));
  const [first, last] = [late[0], late.at(-1)];
  if (!first || !last || last.at - first.at < least) return [];
  return (
    [
      ['resident memory', 'rssMb'],
      ['heap of the main thread', 'heapMb'],
    ] as const
  ).flatMap(([what, field]) => {
    const points = late.flatMap((sample) => (sample[field] === null ? [] : [[sample.at / 3600, sample[field]] as const]));
    const perHour = fitLine(points);
    return perHour ? [{ what, perHour, hours: (last.at - first.at) / 3600, from: points[0]![1], to: points.at(-1)![1] }] : [];
  });
}

/** Percent of itself that memory may surely have grown by, from the end of the warm-up to the end of the run. */
const most = 20;

export function flatness({ what, perHour, from, hours }: MemoryTrend): Threshold {
  const value = (100 * perHour.low * hours) / from;
  return { metric: what, rule: `growth in the run, at least<${most} %`, value, ok: value < most };
}
