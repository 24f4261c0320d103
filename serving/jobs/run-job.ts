/** @file One job from wherever it stands to its end. */
import { inputProblem, type Verdict } from '../../models/index.js';
import type { BadLine } from '../../models/rows/node.js';
import type { ServedModel } from '../desk/index.js';
import { type ChunkOptions, chunksOf } from './chunks.js';
import { fileName, rowsOf } from './content-kinds.js';
import type { JobRecord } from './job.js';
import type { JobPaths } from './job-folder.js';
import { type Layout, layouts } from './layouts.js';
import { openFileOutput, type Progress } from './output.js';
import { runChunks } from './run-chunks.js';
import { acceptable, askedOf, badLine, type TextRow } from './text-row.js';

/** A chunk of a job to be answered, by whoever does that. */
export type JobChunk = {
  readonly job: Pick<JobRecord, 'id' | 'client' | 'language'>;
  readonly model: ServedModel;
  /** Rows before it. */
  readonly first: number;
  readonly rows: readonly TextRow[];
  readonly signal: AbortSignal;
  /** Says what it waits for; `undefined`: for nothing any more. */
  readonly report: ReportWait;
};

/** @param whose `client`: it is allowed no more for now, and nothing is wrong; default `ours` */
export type ReportWait = (problem: string | undefined, whose?: 'ours' | 'client') => void;

/** One a row; `undefined` for a text on which the model fails. */
export type AnswerChunk = (chunk: JobChunk) => Promise<readonly (Verdict | undefined)[]>;

export type JobRun = {
  readonly record: JobRecord;
  readonly paths: JobPaths;
  readonly model: ServedModel;
  readonly answer: AnswerChunk;
  /** Chunks that are out at once. */
  readonly ahead: number;
  readonly chunk: Pick<ChunkOptions, 'rows' | 'characters'>;
  /** UTF-16 code units in one text. */
  readonly characters: number;
  readonly signal: AbortSignal;
  readonly report: ReportWait;
  readonly onProgress: (at: Progress) => void;
};

/** Files of answers and of bad lines are in their place when this resolves. */
export async function runJob({
  record,
  paths,
  model,
  answer,
  ahead,
  chunk,
  characters,
  signal,
  report,
  onProgress,
}: JobRun): Promise<void> {
  const { manifest } = model;
  const layout: Layout = layouts[record.format]({ fields: record.fields, rules: manifest });
  const output = await openFileOutput({
    path: paths.result,
    aside: paths.errors,
    head: layout.head,
    task: { id: record.id },
    resume: true,
  });
  onProgress(output.at);
  try {
    const rows = acceptable(fileName, rowsOf(paths.texts, record.content, record.fields), (row) => {
      const long = Math.max(row.text.length, row.pair?.length ?? 0);
      if (long > characters) return { what: `a text of ${long} characters; at most ${characters} are read`, fix: 'shorten it' };
      return inputProblem(askedOf(row), manifest.text.input);
    });
    await runChunks({
      chunks: chunksOf(rows, { ...chunk, skip: output.at.rows, onBad: 'aside' }),
      async answer({ first, rows: asked }, ending) {
        const verdicts = await answer({ job: record, model, first, rows: asked, signal: ending, report });
        return verdicts.map((verdict, i) => verdict ?? failed(asked[i]!));
      },
      layout,
      output,
      ahead,
      signal,
      onProgress,
    });
    await output.finish();
  } catch (error) {
    await output.stop();
    throw error;
  }
}

const failed = ({ line, fields }: TextRow): BadLine =>
  badLine(fileName, line, 'the model fails on it', 'the model failed three times on this text', 'leave it out.', fields);
