/** @file A run's folder, opened. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../bundle/verify-files.js';
import { UsageError } from '../errors.js';
import { readWeights } from '../weights/node.js';
import type { Weights } from '../weights/safetensors.js';
import { runFiles } from './files.js';
import { type Prediction, predictionSchema, type Run, runSchema, runVersion } from './run.js';

export type OpenRun = {
  readonly run: Run;
  readonly folder: string;
  readonly tokenizerJson: string;
  /** Content of tokenizer_config.json. */
  readonly tokenizerConfig: string;
  /** The best EMA weights as they are stored, checked against their sha256. Throws UsageError `training/run` when they are damaged. */
  weights(): Promise<Weights>;
  /** The val texts with the logits that the trained graph gave them. */
  predictions(): Promise<readonly Prediction[]>;
};

/** @throws UsageError `training/run` when the folder is no run, or one that is not finished or not whole */
export async function readRun(folder: string): Promise<OpenRun> {
  const run = parseRun(await readRunFile(folder), join(folder, runFiles.run));
  return {
    run,
    folder,
    tokenizerJson: await readPart(folder, runFiles.tokenizer),
    tokenizerConfig: await readPart(folder, runFiles.tokenizerConfig),
    async weights() {
      const path = join(folder, run.best.file);
      if (!(await exists(path))) throw damaged(folder, `${run.best.file} is missing`);
      const found = await hashFile(path);
      if (found !== run.best.sha256)
        throw damaged(folder, `${run.best.file} has the sha256 ${found}, not the ${run.best.sha256} of its record`);
      return readWeights(path, { widen: true });
    },
    async predictions() {
      const lines = (await readPart(folder, runFiles.predictions)).split('\n').filter((line) => line !== '');
      return lines.map((line, i) => parsePrediction(line, run, `${join(folder, runFiles.predictions)}:${i + 1}`));
    },
  };
}

/** Whether a folder is a run, finished or not: so that a command that takes runs and bundles knows which it was given. */
export async function isRun(folder: string): Promise<boolean> {
  return (await exists(join(folder, runFiles.run))) || isUnfinished(folder);
}

async function isUnfinished(folder: string): Promise<boolean> {
  return (await exists(join(folder, runFiles.config))) && (await exists(join(folder, runFiles.log)));
}

async function readRunFile(folder: string): Promise<string> {
  const path = join(folder, runFiles.run);
  if (await exists(path)) return readFile(path, 'utf8');
  if (await isUnfinished(folder)) {
    throw new UsageError(
      'training/run',
      `${folder}: this run is not finished: it has no best weights yet`,
      `go on with it: copydesk train ${join(folder, runFiles.config)} --run ${folder} --resume`,
    );
  }
  throw new UsageError(
    'training/run',
    `${folder}: this is not a run: it has no ${runFiles.run}`,
    'give the folder that `copydesk train` wrote.',
  );
}

function parseRun(text: string, where: string): Run {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw damaged(where, `it is not JSON (${(error as Error).message})`);
  }
  const { schemaVersion } = (raw ?? {}) as { schemaVersion?: unknown };
  if (typeof schemaVersion === 'number' && schemaVersion > runVersion) {
    throw new UsageError(
      'training/run',
      `${where}: it is written in version ${schemaVersion} of the run format; this program reads up to ${runVersion}`,
      'update copydesk.',
    );
  }
  const parsed = runSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(where, `${issue?.path.join('.')}: ${issue?.message}`);
}

function parsePrediction(line: string, { labels }: Run, where: string): Prediction {
  try {
    const prediction = predictionSchema.parse(JSON.parse(line));
    if (prediction.logits.length === labels.length && prediction.target.length === labels.length) return prediction;
  } catch {}
  throw damaged(where, `the line is no prediction over ${labels.length} labels`);
}

async function readPart(folder: string, path: string): Promise<string> {
  try {
    return await readFile(join(folder, path), 'utf8');
  } catch (error) {
    throw damaged(folder, `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function damaged(where: string, what: string): UsageError {
  return new UsageError('training/run', `${where}: the run is damaged: ${what}`, 'train again, or restore the folder from a copy.');
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
