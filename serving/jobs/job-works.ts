/** @file Which jobs run: a few at once, the clients in turn, each from where it stands. */
import { UsageError } from '../../models/index.js';
import type { Catalogue, Registry, ServedModel } from '../desk/index.js';
import { ServiceError } from '../protocol/index.js';
import { ended, type Job, type JobRecord } from './job.js';
import type { JobEvents } from './job-figures.js';
import type { JobFolder } from './job-folder.js';
import type { JobOptions } from './options.js';
import type { Progress } from './output.js';
import { createPace, type Pace } from './pace.js';
import { codeOf, storageError } from './receive-file.js';
import { type AnswerChunk, type JobRun, runJob } from './run-job.js';

export type JobWorkDeps = {
  readonly options: Pick<JobOptions, 'atOnce'>;
  readonly catalogue: Pick<Catalogue, 'find'>;
  /** Keeps a model for as long as a job is at it. */
  readonly use: Registry['use'];
  readonly answer: AnswerChunk;
  /** Chunks of a job that are out at once, and their size. */
  readonly ahead: number;
  readonly chunk: JobRun['chunk'];
  /** UTF-16 code units in one text. */
  readonly characters: number;
  readonly on: JobEvents;
  readonly log: { info(fields: object, message: string): void; error(fields: object, message: string): void };
  /** Milliseconds, never going back. */
  readonly now: () => number;
};

export type JobWorks = {
  /** What is known of a job while it runs. */
  live(record: JobRecord): Pick<Job, 'estimatedSeconds' | 'problem'>;
  /** Milliseconds since a job that runs did something, or waited for its own client; `undefined`: it does not run. */
  still(id: string): number | undefined;
  start(): void;
  /** Something is queued. */
  wake(): void;
  /** Ends the work on a job; resolves when nothing is written any more. */
  end(id: string): Promise<void>;
  close(): Promise<void>;
};

type Work = {
  readonly stop: AbortController;
  readonly pace: Pace;
  problem: string | undefined;
  /** When it did something. */
  moved: number;
  finished: Promise<void>;
};

export type JobWorksDeps = JobWorkDeps & {
  readonly folder: JobFolder;
  readonly records: ReadonlyMap<string, JobRecord>;
  readonly change: (record: JobRecord) => Promise<void>;
  readonly moment: () => string;
};

export function createJobWorks(deps: JobWorksDeps): JobWorks {
  const { options, catalogue, use, folder, records, change, moment, log, now, on, answer, ahead, chunk, characters } = deps;
  const works = new Map<string, Work>();
  let started = false;
  let closing = false;

  const wake = (): void => {
    while (started && !closing && works.size < options.atOnce) {
      const next = nextOf([...records.values()], works);
      if (!next) return;
      const work: Work = {
        stop: new AbortController(),
        pace: createPace(now),
        problem: undefined,
        moved: now(),
        finished: Promise.resolve(),
      };
      works.set(next.id, work);
      work.finished = run(next, work).finally(() => {
        works.delete(next.id);
        wake();
      });
    }
  };

  const run = async (given: JobRecord, work: Work): Promise<void> => {
    const { id } = given;
    const latest = (): JobRecord => records.get(id) ?? given;
    const stopped = (): boolean => work.stop.signal.aborted;
    let release = (): void => {};
    let before: Progress | undefined;
    try {
      await change({ ...given, state: 'running', started: given.started ?? moment() });
      const model: ServedModel = catalogue.find(given.model);
      release = use(model);
      await runJob({
        record: given,
        paths: folder.paths(id),
        model,
        answer,
        ahead,
        chunk,
        characters,
        signal: work.stop.signal,
        report(problem, whose = 'ours') {
          work.problem = problem;
          if (whose === 'client') work.moved = now();
        },
        onProgress(at: Progress) {
          const { rows, bad } = at;
          // The first says where it stands from earlier, which was counted then.
          if (before) {
            on.lines('answered', rows - bad - (before.rows - before.bad));
            on.lines('aside', bad - before.bad);
          }
          before = at;
          work.moved = now();
          work.problem = undefined;
          work.pace.mark(rows);
          if (stopped()) return;
          // In memory alone: the record of the answers has it, to go on from.
          Object.assign(latest(), { done: rows, bad });
        },
      });
      const last = latest();
      if (stopped()) return;
      await change({ ...last, state: 'done', ended: moment(), lines: last.done });
      on.ended('done');
      log.info({ job: id, model: given.model, lines: last.done, bad: last.bad }, 'a job is done');
    } catch (error) {
      if (stopped() || closing) return;
      log.error({ job: id, model: given.model, code: codeOf(error) }, 'a job failed');
      on.ended('failed');
      await folder.erasePartial(id).catch(() => {});
      await change({ ...latest(), state: 'failed', ended: moment(), problem: problemOf(error) }).catch(() => {});
    } finally {
      release();
    }
  };

  const end = async (id: string): Promise<void> => {
    const work = works.get(id);
    work?.stop.abort(new Error('the job was ended'));
    await work?.finished;
  };

  return {
    live(record) {
      const work = works.get(record.id);
      if (!work || ended(record)) return {};
      const estimatedSeconds = work.pace.secondsFor(Math.max(0, record.lines - record.done));
      return {
        ...(estimatedSeconds === undefined ? {} : { estimatedSeconds }),
        ...(work.problem === undefined ? {} : { problem: work.problem }),
      };
    },
    still(id) {
      const work = works.get(id);
      return work && Math.max(0, now() - work.moved);
    },
    start() {
      started = true;
      wake();
    },
    wake,
    end,
    async close() {
      closing = true;
      await Promise.all([...works.keys()].map(end));
    },
  };
}

/** The oldest of those that wait, of the client that has the fewest running. */
function nextOf(records: readonly JobRecord[], works: ReadonlyMap<string, Work>): JobRecord | undefined {
  const runningOf = (client: string): number => records.filter((one) => one.client === client && works.has(one.id)).length;
  let best: { readonly record: JobRecord; readonly running: number } | undefined;
  for (const record of records) {
    if (ended(record) || works.has(record.id)) continue;
    const running = runningOf(record.client);
    if (!best || running < best.running) best = { record, running };
  }
  return best?.record;
}

/** In words for whoever sent the job; nothing of its texts. */
function problemOf(error: unknown): string {
  if (storageError(error)) return `the server has no room for the answers (${codeOf(error)})`;
  if (error instanceof ServiceError && error.code === 'unknown-model') return 'the model is no longer served';
  if (error instanceof ServiceError) return error.message;
  if (error instanceof UsageError) return `the file cannot be read: ${error.message}`;
  return `something went wrong in the server (${codeOf(error)})`;
}
