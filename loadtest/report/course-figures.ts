/** @file The curves of a run: what clients saw, and what the server said of itself. */
import { chart, figure, type Html, html, type Series } from '../../training/report/index.js';
import type { Sample } from '../metrics.js';
import type { RunRecord } from '../run-record.js';
import type { Moment } from '../timeline.js';

export function courseFigures({ timeline, samples, capacity, thresholds }: RunRecord): Html {
  const seen = (name: string, of: (moment: Moment) => number | null): Series => ({ name, points: pointsOf(timeline, of) });
  const said = (name: string, of: (sample: Sample) => number | null): Series => ({ name, points: pointsOf(samples, of) });
  const ends = [timeline[0]?.at ?? 0, timeline.at(-1)?.at ?? 0] as const;
  const flat = (name: string, value: number | undefined): readonly Series[] =>
    value === undefined ? [] : [{ name, style: 'dashed', color: 5, points: ends.map((at) => [at, value] as const) }];
  const deadline = thresholds
    .map(({ metric, rule }) => metric.startsWith('answer_ms') && /^p\(99\)<=?(\d+)$/.exec(rule)?.[1])
    .find(Boolean);
  return html`<div class="charts">
${curve('Requests', 'Each second: sent, answered with a verdict, refused with a reason.', 'a second', [
  seen('asked', ({ asked }) => asked),
  seen('answered', ({ answered }) => answered),
  seen('refused', ({ refused }) => refused),
  ...(timeline.some(({ failed }) => failed > 0) ? [seen('failed', ({ failed }) => failed)] : []),
  ...flat('capacity', capacity?.before),
])}
${curve('Time until the verdict', 'Each second, of what was answered; as clients see it.', 'ms', [
  seen('p50', ({ p50 }) => p50),
  seen('p95', ({ p95 }) => p95),
  seen('p99', ({ p99 }) => p99),
  ...flat('p99 allowed', deadline ? Number(deadline) : undefined),
])}
${curve('Waiting', 'Texts that wait for a worker, and requests in hand, when the server was asked.', 'at once', [
  said('texts that wait', ({ queueTexts }) => queueTexts),
  said('requests in hand', ({ inFlight }) => inFlight),
])}
${curve('Texts in a batch', 'Mean of each second: batches grow as work piles up.', 'texts', [said('texts', ({ batch }) => batch)])}
${curve('Memory', 'Of the server: what the process holds, and the heap of its main thread.', 'MB', [
  said('resident', ({ rssMb }) => rssMb),
  said('heap', ({ heapMb }) => heapMb),
])}
${curve('Processor', 'Cores that the server used.', 'cores', [said('cores', ({ cores }) => cores)])}
${curve('Event loop', 'How late the main thread was, p99.', 'ms', [said('p99', ({ lagP99Ms }) => lagP99Ms)])}
</div>`;
}

/** Nothing where there is nothing to draw, such as for a server that shows no metrics. */
function curve(title: string, caption: string, y: string, series: readonly Series[]): Html | null {
  if (series.every(({ points }) => points.length < 2)) return null;
  const most = Math.max(...series.flatMap(({ points }) => points.map(([, value]) => value)));
  const end = Math.ceil(Math.max(...series.flatMap(({ points }) => points.map(([at]) => at))));
  return figure(title, caption, chart({ label: `${title} over time`, x: 's', y, series, xRange: [0, end], yRange: [0, niceAbove(most)] }));
}

function pointsOf<T extends { readonly at: number }>(list: readonly T[], of: (one: T) => number | null): (readonly [number, number])[] {
  return list.flatMap((one) => {
    const value = of(one);
    return value === null ? [] : [[one.at, value] as const];
  });
}

/** 1, 2, 2.5, 4, 5 or 8 times a power of ten: where an axis ends well. */
function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 2.5, 4, 5, 8].find((step) => step * power >= value) ?? 10);
}
