/** @file How jobs stand, for whoever watches the server. */
import { ended, type JobRecord, type JobState, jobStates } from './job.js';

export type JobFigures = {
  readonly states: { readonly [S in JobState]: number };
  /** Age in seconds of the oldest job that is queued; 0: none is. */
  readonly oldestQueued: number;
  /** Seconds for which the running job that stands still the longest has done nothing; 0: none runs. */
  readonly longestStill: number;
};

/** What becomes of jobs, as it happens. */
export type JobEvents = {
  ended(state: Extract<JobState, 'done' | 'failed' | 'cancelled'>): void;
  /** `aside`: held no text that can be answered. */
  lines(outcome: 'answered' | 'aside', count: number): void;
};

/**
 * @param stillOf milliseconds for which a job that runs has done nothing; `undefined`: it does not run
 * @param today milliseconds since 1970
 */
export function figuresOf(records: Iterable<JobRecord>, stillOf: (id: string) => number | undefined, today: number): JobFigures {
  const states = Object.fromEntries(jobStates.map((state) => [state, 0])) as Record<JobState, number>;
  let [oldestQueued, longestStill] = [0, 0];
  for (const record of records) {
    const still = stillOf(record.id);
    // The record of a job that a server left unfinished says `running` until it is taken up again.
    const state = ended(record) ? record.state : still === undefined ? 'queued' : 'running';
    states[state]++;
    if (state === 'queued') oldestQueued = Math.max(oldestQueued, (today - Date.parse(record.created)) / 1_000);
    if (state === 'running') longestStill = Math.max(longestStill, (still ?? 0) / 1_000);
  }
  return { states, oldestQueued, longestStill };
}
