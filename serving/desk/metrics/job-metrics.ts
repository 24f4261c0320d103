/** @file What is counted of bulk jobs, where there are any. No label says whose job it is, or which. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { fromZero } from './metric-scales.js';

export type JobMetrics = ReturnType<typeof jobMetrics>;

/** How things are at the moment; ages in seconds. */
type JobFigures = {
  readonly states: Readonly<Record<string, number>>;
  readonly oldestQueued: number;
  readonly longestStill: number;
};

const nothing: JobFigures = { states: {}, oldestQueued: 0, longestStill: 0 };

export function jobMetrics(registers: Registry[]) {
  let figures = (): JobFigures => nothing;
  new Gauge({
    name: 'copydesk_jobs',
    help: 'Jobs in the folder, by state; one that is taken up again after a restart is queued until then.',
    labelNames: ['state'] as const,
    registers,
    collect() {
      for (const [state, count] of Object.entries(figures().states)) this.labels(state).set(count);
    },
  });
  new Gauge({
    name: 'copydesk_jobs_oldest_queued_seconds',
    help: 'Age of the oldest job that is queued; 0: none is.',
    registers,
    collect() {
      this.set(figures().oldestQueued);
    },
  });
  new Gauge({
    name: 'copydesk_jobs_still_seconds',
    help: 'For how long the running job that stands still the longest has done nothing, waits for its client to be allowed more left out; 0: none runs.',
    registers,
    collect() {
      this.set(figures().longestStill);
    },
  });
  return {
    lines: fromZero(
      new Counter({
        name: 'copydesk_job_lines_total',
        help: 'Lines of jobs that are done with: answered, or put aside since they hold no text that can be answered.',
        labelNames: ['outcome'] as const,
        registers,
      }),
      ['answered', 'aside'],
    ),
    ended: fromZero(
      new Counter({ name: 'copydesk_jobs_ended_total', help: 'Jobs that ended, by how.', labelNames: ['state'] as const, registers }),
      ['done', 'failed', 'cancelled'],
    ),
    /** From now on the gauges say what is found here, at every scrape. */
    follow(source: () => JobFigures): void {
      figures = source;
    },
  };
}
