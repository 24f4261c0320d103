/** @file A run's folder while it is trained: made, or opened to go on. */
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../models/bundle/node.js';
import { runFiles, UsageError } from '../../models/index.js';
import { type Checkpoint, checkpointNames, readCheckpoint } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { type Difference, fingerprintOf, firstDifference } from './fingerprint.js';
import { parseConfig } from './parse-config.js';
import { type Prepared, prepare } from './prepare.js';
import { checkpointFolder } from './training-loop.js';

export type Started<P = Prepared> = { readonly prepared: P; readonly from?: Checkpoint };

/** @typeParam C its config; what is left open in it is filled in when the run is prepared */
type Ready<C> = { readonly tokenizerJson: string; readonly config: C };

/** What kind of run a folder holds. */
export type RunKind<C, P extends Ready<C>> = {
  readonly verb: string;
  /** There when the run is finished; and what to do with it then. */
  readonly finished: { readonly file: string; readonly next: (folder: string) => string };
  readonly parse: (text: string, path: string) => C;
  /** @param tokenizerJson of the run that is resumed */
  readonly prepare: (config: C, tokenizerJson?: string) => Promise<P>;
  readonly fingerprint: (prepared: P) => string;
  readonly difference: (was: C, is: C) => Difference | undefined;
};

export const classifierRuns: RunKind<TrainConfig, Prepared> = {
  verb: 'train',
  finished: { file: runFiles.run, next: (folder) => `export it: npx copydesk export ${folder} --to bundles` },
  parse: parseConfig,
  prepare,
  fingerprint: fingerprintOf,
  difference: firstDifference,
};

/** @throws UsageError `training/run` when the folder already holds a run */
export async function startRun<C, P extends Ready<C>>(kind: RunKind<C, P>, folder: string, config: C): Promise<Started<P>> {
  if ((await exists(join(folder, runFiles.config))) || (await exists(join(folder, kind.finished.file)))) {
    throw new UsageError(
      'training/run',
      `${folder}: there is a run here already`,
      'add --resume to go on with it, or give another --run folder.',
    );
  }
  return begin(kind, folder, config);
}

/**
 * @param from name of a checkpoint; default the newest. Those after it are removed: the run goes on from it, not beside it
 * @throws UsageError `training/run` when there is nothing to go on with, `training/checkpoint` when it is damaged or of another run
 */
export async function resumeRun<C, P extends Ready<C>>(kind: RunKind<C, P>, folder: string, config: C, from?: string): Promise<Started<P>> {
  const checkpoints = checkpointFolder(folder);
  const names = await checkpointNames(checkpoints);
  await checkResumable(kind, folder, config, names);
  if (from !== undefined && !names.includes(from)) {
    const fix =
      names.length > 0 ? `use one of ${names.join(', ')}.` : 'leave --from out: the run then begins again, which comes to the same.';
    throw new UsageError('training/checkpoint', `${folder}: there is no checkpoint ${from}`, fix);
  }
  const name = from ?? names[0];
  if (name === undefined) return begin(kind, folder, config); // stopped before its first checkpoint: from the start, which is the same run
  const checkpoint = await readCheckpoint(checkpoints, name);
  const prepared = await kind.prepare(config, await readPart(folder, runFiles.tokenizer));
  await checkSame(kind, folder, prepared.config);
  if (checkpoint.progress.fingerprint !== kind.fingerprint(prepared)) {
    throw new UsageError(
      'training/checkpoint',
      `${folder}: checkpoint ${name} was made with other data`,
      'give the data as it was, and the teacher that taught if there was one, or start a new run.',
    );
  }
  for (const later of names) if (later > name) await rm(join(checkpoints, later), { recursive: true, force: true });
  return { prepared, from: checkpoint };
}

async function begin<C, P extends Ready<C>>({ prepare }: RunKind<C, P>, folder: string, config: C): Promise<Started<P>> {
  const prepared = await prepare(config);
  await mkdir(checkpointFolder(folder), { recursive: true });
  await writeWhole(join(folder, runFiles.tokenizer), prepared.tokenizerJson);
  await writeWhole(join(folder, runFiles.config), `${JSON.stringify(prepared.config, null, 2)}\n`);
  return { prepared };
}

async function checkResumable<C, P extends Ready<C>>(
  { verb, finished, parse, difference }: RunKind<C, P>,
  folder: string,
  config: C,
  checkpoints: readonly string[],
): Promise<void> {
  const path = join(folder, runFiles.config);
  if (!(await exists(path))) {
    throw new UsageError('training/run', `${folder}: there is no run here to go on with`, 'leave --resume out to start one.');
  }
  // Checkpoints are removed when everything else is written: a run with both was cut off at its very end, and ends again.
  if (checkpoints.length === 0 && (await exists(join(folder, finished.file)))) {
    throw new UsageError(
      'training/run',
      `${folder}: this run is finished`,
      `${finished.next(folder)}. To train again, give another --run folder.`,
    );
  }
  await checkSame({ verb, parse, difference }, folder, config);
}

async function checkSame<C, P extends Ready<C>>(
  { verb, parse, difference }: Pick<RunKind<C, P>, 'verb' | 'parse' | 'difference'>,
  folder: string,
  config: C,
): Promise<void> {
  const path = join(folder, runFiles.config);
  const different = difference(parse(await readPart(folder, runFiles.config), path), config);
  if (different) {
    throw new UsageError(
      'training/checkpoint',
      `${folder}: the run was started with another config: ${different.key} was ${different.was}, now ${different.is}`,
      `go on with its own: npx copydesk ${verb} ${path} --run ${folder} --resume; or start a new run.`,
    );
  }
}

async function readPart(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    throw new UsageError(
      'training/run',
      `${join(folder, name)}: cannot be read (${(error as NodeJS.ErrnoException).code})`,
      'restore the file, or start a new run.',
    );
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
