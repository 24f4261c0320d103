/** @file The course of a run, second by second, out of what k6 records for its dashboard. */

export type Moment = {
  /** Seconds since the run began. */
  readonly at: number;
  /** A second: requests sent, answered with a verdict, refused, and those that were neither. */
  readonly asked: number;
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
  /** Milliseconds until a verdict; `null` where none came. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};

type Kind = 'counter' | 'gauge' | 'rate' | 'trend';
type Event =
  | { event: 'param'; data: { aggregates: Record<Kind, readonly string[]> } }
  | { event: 'metric'; data: Record<string, { type: Kind }> }
  | { event: 'start'; data: readonly (readonly number[])[] }
  | { event: 'snapshot'; data: readonly (readonly number[])[] }
  | { event: 'cumulative' | 'stop' | 'threshold' | 'config' };

/**
 * @param record one event a line: first which aggregates a kind of metric has, then metrics as they appear, then snapshots, which hold an
 * array for each metric known by then, in the order of their names
 */
export function parseTimeline(record: string): readonly Moment[] {
  let aggregates: Record<Kind, readonly string[]> | undefined;
  const kinds = new Map<string, Kind>();
  let names: readonly string[] = [];
  let began = 0;
  let last = 0;
  const moments: Moment[] = [];
  for (const line of record.split('\n')) {
    if (line === '') continue;
    const event = JSON.parse(line) as Event;
    if (event.event === 'param') aggregates = event.data.aggregates;
    else if (event.event === 'start') began = last = event.data[0]?.[0] ?? 0;
    else if (event.event === 'metric') {
      for (const [name, { type }] of Object.entries(event.data)) kinds.set(name, type);
      names = [...kinds.keys()].sort();
    } else if (event.event === 'snapshot') {
      const value = (name: string, aggregate: string): number => {
        const column = aggregates?.[kinds.get(name) ?? 'gauge'].indexOf(aggregate) ?? -1;
        return event.data[names.indexOf(name)]?.[column] ?? 0;
      };
      const now = event.data[names.indexOf('time')]?.[0] ?? 0;
      const seconds = (now - last) / 1000;
      if (seconds < 0.5) continue; // the rest of a second at the end: too little for a rate
      last = now;
      const rate = (name: string): number => value(name, 'count') / seconds;
      const answered = rate('answered');
      const ms = (aggregate: string): number | null => (answered > 0 ? value('answer_ms', aggregate) : null);
      moments.push({
        at: (now - began) / 1000,
        asked: rate('asked'),
        answered,
        refused: rate('refused_429') + rate('refused_503'),
        failed: rate('failed'),
        ...{ p50: ms('med'), p95: ms('p(95)'), p99: ms('p(99)') },
      });
    }
  }
  return moments;
}
