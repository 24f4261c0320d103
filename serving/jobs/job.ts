/** @file A job: a file of texts, what is to be done with it, and how far that is. */
import { z } from 'zod';

export const jobStates = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

export const jobFormats = ['jsonl', 'csv'] as const;
/** What a file of texts can be; the media types are in `content-kinds.ts`. */
export const contentKinds = ['jsonl', 'csv', 'text'] as const;
export type ContentKind = (typeof contentKinds)[number];

const count = z.number().int().nonnegative();
const moment = z.iso.datetime();

/** What does not change. */
const requestShape = {
  /** `name@version`. */
  model: z.string(),
  content: z.enum(contentKinds),
  format: z.enum(jobFormats),
  /** What the rows call the text and the pair. */
  fields: z.strictObject({ text: z.string().optional(), pair: z.string().optional() }),
  language: z.string().optional(),
};

/** As it lies on the disk. */
export const jobRecordSchema = z.strictObject({
  schema: z.literal(1),
  id: z.uuid(),
  /** Id of the key that it was sent with, or an address. */
  client: z.string(),
  /** SHA-256 of the idempotency key. */
  key: z.string().optional(),
  /** Of the body. */
  sha256: z.string(),
  bytes: count,
  /** Lines of the body; when it is done, its rows. */
  lines: count,
  ...requestShape,
  state: z.enum(jobStates),
  created: moment,
  started: moment.optional(),
  ended: moment.optional(),
  done: count,
  bad: count,
  /** Why it failed. */
  problem: z.string().optional(),
});

export type JobRecord = z.infer<typeof jobRecordSchema>;
export type JobRequest = z.infer<z.ZodObject<typeof requestShape>> & { readonly client: string; readonly key?: string | undefined };

export const ended = ({ state }: Pick<JobRecord, 'state'>): boolean => endedStates.has(state);
const endedStates: ReadonlySet<JobState> = new Set(['done', 'failed', 'cancelled']);

/** What a client is shown. */
export const jobSchema = z.object({
  id: z.string(),
  state: z.enum(jobStates),
  model: z.string(),
  format: z.enum(jobFormats),
  created: moment,
  started: moment.optional(),
  ended: moment.optional(),
  /** Lines that are answered or put aside. */
  done: count,
  /** Lines of the file; until the end no less than the texts in it. */
  lines: count,
  /** Lines that were put aside; `/jobs/ID/errors` has them. */
  errors: count,
  /** Until it is done, at the pace of late. */
  estimatedSeconds: z.number().nonnegative().optional(),
  /** Why it failed, or what it waits for. */
  problem: z.string().optional(),
});

export const jobListSchema = z.object({ jobs: z.array(jobSchema) });
export type Job = z.infer<typeof jobSchema>;

export const viewOf = (
  { id, state, model, format, created, started, ended: end, done, lines, bad, problem }: JobRecord,
  live: Pick<Job, 'estimatedSeconds' | 'problem'> = {},
): Job => ({
  id,
  state,
  model,
  format,
  created,
  ...(started === undefined ? {} : { started }),
  ...(end === undefined ? {} : { ended: end }),
  done,
  lines: Math.max(lines, done),
  errors: bad,
  ...(problem === undefined ? {} : { problem }),
  ...live,
});
