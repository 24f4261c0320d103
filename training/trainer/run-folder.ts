/** @file A run's folder while it is trained: made, or opened to go on. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../models/bundle/node.js';
import { runFiles, UsageError } from '../../models/index.js';
import { type Checkpoint, checkpointNames, readCheckpoint } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { type Prepared, prepare } from './prepare.js';
import { checkpointFolder, fingerprintOf } from './train.js';

export type Started = { readonly prepared: Prepared; readonly from?: Checkpoint };

/** @throws UsageError `training/run` when the folder already holds a run */
export async function startRun(folder: string, config: TrainConfig): Promise<Started> {
  if (await exists(join(folder, runFiles.config))) {
    throw new UsageError(
      'training/run',
      `${folder}: there is a run here already`,
      'add --resume to go on with it, or give another --run folder.',
    );
  }
  const prepared = await prepare(config);
  await mkdir(checkpointFolder(folder), { recursive: true });
  await writeWhole(join(folder, runFiles.tokenizer), prepared.tokenizerJson);
  await writeWhole(join(folder, runFiles.config), `${JSON.stringify(config, null, 2)}\n`);
  return { prepared };
}

/**
 * @param from name of a checkpoint; default the newest
 * @throws UsageError `training/run` when there is nothing to go on with, `training/checkpoint` when it is damaged or of another run
 */
export async function resumeRun(folder: string, config: TrainConfig, from?: string): Promise<Started> {
  if (!(await exists(join(folder, runFiles.config)))) {
    throw new UsageError('training/run', `${folder}: there is no run here to go on with`, 'leave --resume out to start one.');
  }
  const prepared = await prepare(config, await readFile(join(folder, runFiles.tokenizer), 'utf8'));
  const names = await checkpointNames(checkpointFolder(folder));
  const name = from ?? names[0];
  if (name === undefined) return { prepared }; // stopped before its first checkpoint: from the start, which is the same run
  if (!names.includes(name)) {
    throw new UsageError('training/checkpoint', `${folder}: there is no checkpoint ${name}`, `use one of ${names.join(', ') || 'none'}.`);
  }
  const checkpoint = await readCheckpoint(checkpointFolder(folder), name);
  if (checkpoint.progress.fingerprint !== fingerprintOf(prepared)) {
    throw new UsageError(
      'training/checkpoint',
      `${folder}: checkpoint ${name} was made with another config or other data`,
      `give the config in ${join(folder, runFiles.config)} and the data as it was, or start a new run.`,
    );
  }
  return { prepared, from: checkpoint };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
