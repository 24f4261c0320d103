/** @file Where answers go, and how far they are: a file that is there when all is in it, and a record from which to go on. */
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../../models/bundle/node.js';
import { UsageError } from '../../models/index.js';

const count = z.number().int().nonnegative();
const progressSchema = z.strictObject({
  /** Rows and bad lines that are done. */
  rows: count,
  /** Of them, bad lines. */
  bad: count,
  /** Of the file of answers that belong to them. */
  bytes: count,
  /** The same of the file of bad lines. */
  asideBytes: count,
});
const recordSchema = z.strictObject({ version: z.literal(1), task: z.record(z.string(), z.string()), done: progressSchema });

export type Progress = z.infer<typeof progressSchema>;

export type Piece = {
  readonly text: string;
  readonly aside: string;
  readonly rows: number;
  readonly bad: number;
  /** Whether it may be gone on from behind it. */
  readonly complete: boolean;
};

export type Output = {
  readonly at: Progress;
  append(piece: Piece): Promise<void>;
  /** All is in it. */
  finish(): Promise<void>;
  /** What is complete stays, to go on from; where nothing is, nothing stays. */
  stop(): Promise<void>;
};

export type FileOutputOptions = {
  readonly path: string;
  /** File for bad lines. */
  readonly aside?: string | undefined;
  /** First line of the answers. */
  readonly head?: string | undefined;
  /** What must be the same for old and new answers to belong together: by its name in messages, a hash or the thing itself. */
  readonly task: Readonly<Record<string, string>>;
  /** Whether to go on where something unfinished is there. */
  readonly resume: boolean;
  /** Makes the file of the finished answers. Default: they are it. */
  readonly pack?: (answers: string, path: string) => Promise<void>;
};

const anew = 'To begin anew, leave --resume out.';
const none: Progress = { rows: 0, bad: 0, bytes: 0, asideBytes: 0 };
export const partialOf = (path: string): string => `${path}.partial`;
export const progressOf = (path: string): string => `${path}.progress`;

/** @throws UsageError `usage/argument` where what is there belongs to another task */
export async function openFileOutput({ path, aside, head, task, resume, pack = rename }: FileOutputOptions): Promise<Output> {
  await mkdir(dirname(path), { recursive: true });
  const [record, partial] = [progressOf(path), partialOf(path)];
  const kept = resume ? await readProgress(path, task) : undefined;
  const there = kept && (await sizeOf(partial)) >= kept.bytes ? kept : undefined;
  if (there && there.asideBytes > 0 && (aside === undefined || (await sizeOf(partialOf(aside))) < there.asideBytes))
    throw new UsageError('usage/argument', `${path}: bad lines were put aside before, into another file`, `name that one again. ${anew}`);
  let done = there ?? none;
  if (done === none) await rm(record, { force: true });
  const answers = await openAt(partial, done.bytes);
  const badLines = aside === undefined ? undefined : await openAt(partialOf(aside), done.asideBytes);
  let { bytes, asideBytes } = done;
  if (done === none && head !== undefined) bytes += await write(answers, `${head}\n`, 0);
  const close = () => Promise.all([answers.close(), badLines?.close()].map((closing) => closing?.catch(() => {})));

  return {
    get at() {
      return done;
    },
    async append({ text, aside: bad, rows, bad: badRows, complete }) {
      const next = { bytes, asideBytes };
      next.bytes += await write(answers, text, bytes);
      if (badLines) next.asideBytes += await write(badLines, bad, asideBytes);
      if (!complete) return;
      // First what is recorded, then the record of it: a machine that stops between them does one chunk again.
      await Promise.all([answers.datasync(), badLines?.datasync()]);
      const now = { rows: done.rows + rows, bad: done.bad + badRows, ...next };
      await writeWhole(record, JSON.stringify({ version: 1, task, done: now }));
      ({ bytes, asideBytes } = next);
      done = now;
    },
    async finish() {
      await Promise.all([answers.truncate(bytes), badLines?.truncate(asideBytes)]);
      await Promise.all([answers.sync(), badLines?.sync()]);
      await close();
      // In this order whoever goes on after a crash in between begins anew.
      await pack(partial, path);
      await rm(partial, { force: true });
      if (aside !== undefined) await rename(partialOf(aside), aside);
      await rm(record, { force: true });
    },
    async stop() {
      await close();
      if (done.rows > 0) return;
      for (const file of [partial, record, ...(aside === undefined ? [] : [partialOf(aside)])]) await rm(file, { force: true });
    },
  };
}

/** Of what is unfinished there, if anything is.
 *  @throws UsageError `usage/argument` where it belongs to another task */
async function readProgress(path: string, task: Readonly<Record<string, string>>): Promise<Progress | undefined> {
  const text = await readFile(progressOf(path), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = recordSchema.safeParse(parse(text));
  const fix = `give what it was begun with. ${anew}`;
  if (!parsed.success) throw new UsageError('usage/argument', `${progressOf(path)}: is no record of how far it was`, fix);
  const names = [...new Set([...Object.keys(parsed.data.task), ...Object.keys(task)])];
  const changed = names.filter((name) => parsed.data.task[name] !== task[name]);
  if (changed.length === 0) return parsed.data.done;
  const what = `${path}: what is unfinished there was begun with another ${changed.join(', another ')}`;
  throw new UsageError('usage/argument', what, fix);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Cut to what is known to be complete. */
async function openAt(path: string, bytes: number): Promise<FileHandle> {
  if (bytes === 0) return open(path, 'w');
  const file = await open(path, 'r+');
  await file.truncate(bytes);
  return file;
}

async function write(file: FileHandle, text: string, at: number): Promise<number> {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; )
    written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten;
  return bytes.length;
}

const sizeOf = async (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => -1,
  );
