/** @file Files of texts that are sent, answered in the background, and fetched when they are done. */
import { createHash, randomUUID } from 'node:crypto';
import { ServiceError } from '../protocol/index.js';
import { ended, type Job, type JobRecord, type JobRequest, viewOf } from './job.js';
import { figuresOf, type JobFigures } from './job-figures.js';
import { openJobFolder } from './job-folder.js';
import { createJobWorks, type JobWorkDeps } from './job-works.js';
import type { JobOptions } from './options.js';
import { codeOf, receiveFile } from './receive-file.js';

export type Jobs = {
  /**
   * Takes a file on. With a key that was used before, the job that it was used for.
   *
   * @throws ServiceError `body-too-large`, `storage-full`, `too-many-jobs`, `key-reused`; whatever ends `body`
   */
  create(request: JobRequest, body: AsyncIterable<Buffer>): Promise<{ readonly job: Job; readonly replayed: boolean }>;
  /** Of one client, the newest first. */
  list(client: string): readonly Job[];
  /** @throws ServiceError `unknown-job`, also for one of another client */
  find(client: string, id: string): Job;
  /** Where its answers or bad lines are. @throws ServiceError `unknown-job`, `job-unfinished` */
  file(client: string, id: string, which: 'result' | 'errors'): { readonly path: string; readonly job: Job };
  /** Ends it if it has not ended: its texts and answers are gone, that it was there stays to be seen. @throws ServiceError `unknown-job` */
  cancel(client: string, id: string): Promise<Job>;
  /** Ends it if it has not ended, and erases all of it. @throws ServiceError `unknown-job` */
  remove(client: string, id: string): Promise<Job>;
  /** Of all clients, as things stand. */
  figures(): JobFigures;
  /** Takes up what has not ended. */
  start(): void;
  /** Stops at what is complete, to go on from there. */
  close(): Promise<void>;
};

export type JobsDeps = JobWorkDeps & {
  readonly options: JobOptions;
  /** Bytes of a file at most. */
  readonly jobBytes: number;
  /** Milliseconds since 1970. */
  readonly today: () => number;
};

const day = 86_400_000;

/** @throws UsageError `serving/start` for a folder that cannot be used */
export async function createJobs(deps: JobsDeps): Promise<Jobs> {
  const { options, jobBytes, today, log, on } = deps;
  const folder = await openJobFolder(options.folder);
  const records = new Map<string, JobRecord>((await folder.load()).map((record) => [record.id, record]));
  const change = async (record: JobRecord): Promise<void> => {
    if (!records.has(record.id)) return; // erased meanwhile
    records.set(record.id, record);
    await folder.save(record);
  };
  const works = createJobWorks({ ...deps, folder, records, change, moment: () => new Date(today()).toISOString() });
  const of = (client: string, id: string): JobRecord => {
    const record = records.get(id);
    if (record?.client === client) return record;
    throw new ServiceError('unknown-job', 'there is no such job', 'GET /jobs lists those that you have');
  };
  const view = (record: JobRecord): Job => viewOf(record, works.live(record));

  const cancel = (record: JobRecord): JobRecord => {
    const cancelled: JobRecord = { ...record, state: 'cancelled', ended: new Date(today()).toISOString() };
    records.set(record.id, cancelled);
    on.ended('cancelled');
    return cancelled;
  };
  const erase = async (record: JobRecord): Promise<void> => {
    records.delete(record.id);
    await works.end(record.id);
    await folder.erase(record.id);
  };
  const eraseOld = (): void => {
    for (const record of records.values())
      if (ended(record) && today() - Date.parse(record.ended ?? record.created) > options.days * day)
        erase(record).catch((error: unknown) => log.error({ job: record.id, code: codeOf(error) }, 'a job could not be erased'));
  };
  const sweeper = setInterval(eraseOld, 60_000).unref();
  eraseOld();

  return {
    async create(request, body) {
      const { client, key: given, ...rest } = request;
      const open = [...records.values()].filter((record) => record.client === client && !ended(record)).length;
      if (open >= options.perClient) throw tooMany(open);
      const id = randomUUID();
      const key = given === undefined ? undefined : createHash('sha256').update(given).digest('hex');
      try {
        const received = await receiveFile(body, folder.paths(id), jobBytes);
        const record: JobRecord = {
          ...rest,
          ...received,
          schema: 1,
          id,
          client,
          ...(key === undefined ? {} : { key }),
          state: 'queued',
          created: new Date(today()).toISOString(),
          done: 0,
          bad: 0,
        };
        const twin = key === undefined ? undefined : [...records.values()].find((one) => one.client === client && one.key === key);
        if (twin && !sameRequest(twin, record)) throw keyReused();
        if (twin) {
          await folder.erase(id);
          return { job: view(twin), replayed: true };
        }
        records.set(id, record); // from here on the key is taken
        await folder.save(record);
        works.wake();
        return { job: view(record), replayed: false };
      } catch (error) {
        records.delete(id);
        await folder.erase(id).catch(() => {});
        throw error;
      }
    },
    list: (client) => [...records.values()].filter((record) => record.client === client).map(view).reverse(), // biome-ignore format: one line
    find: (client, id) => view(of(client, id)),
    file(client, id, which) {
      const record = of(client, id);
      if (record.state !== 'done') throw unfinished(record);
      return { path: folder.paths(id)[which], job: view(record) };
    },
    async cancel(client, id) {
      const record = of(client, id);
      if (ended(record)) return view(record);
      const cancelled = cancel(record);
      await works.end(id);
      await folder.eraseTexts(id);
      await change(cancelled);
      return view(cancelled);
    },
    async remove(client, id) {
      const record = of(client, id);
      const last = ended(record) ? record : cancel(record);
      await erase(last);
      return viewOf(last);
    },
    figures: () => figuresOf(records.values(), works.still, today()),
    start: works.start,
    async close() {
      clearInterval(sweeper);
      await works.close();
    },
  };
}

/** The same body, to be done the same with. */
function sameRequest(a: JobRecord, b: JobRecord): boolean {
  const said = ({ sha256, model, content, format, fields, language }: JobRecord) =>
    JSON.stringify([sha256, model, content, format, fields.text, fields.pair, language]);
  return said(a) === said(b);
}

function tooMany(open: number): ServiceError {
  const fix = 'wait until one has ended, or end one with POST /jobs/ID/cancel';
  return new ServiceError('too-many-jobs', `you have ${open} jobs that have not ended`, fix, { 'retry-after': '60' });
}

const keyReused = (): ServiceError =>
  new ServiceError(
    'key-reused',
    'the idempotency key was sent before with another file or other parameters',
    'make a key of its own for each job',
  );

function unfinished({ state, problem }: JobRecord): ServiceError {
  if (state === 'failed')
    return new ServiceError('job-unfinished', `the job failed: ${problem ?? 'it cannot be done'}`, 'send the file anew');
  if (state === 'cancelled') return new ServiceError('job-unfinished', 'the job was cancelled', 'send the file anew');
  return new ServiceError('job-unfinished', `the job is ${state}`, 'come back when its state is done; GET /jobs/ID has it', {
    'retry-after': '5',
  });
}
