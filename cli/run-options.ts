/** @file Where a run is written and whether it goes on: the same for every verb that trains. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../models/index.js';

export type RunOptions = { readonly run?: string; readonly resume?: true; readonly from?: string };

export const withRunOptions = (command: Command): Command =>
  command
    .option('--run <folder>', 'where the run is written; default runs/NAME-DATE')
    .option('--resume', 'go on with the run in --run from its newest checkpoint')
    .option('--from <checkpoint>', 'with --resume: the checkpoint to go on from, e.g. step-00000400');

/** @throws UsageError where a run is to be gone on with, and none is named */
export function checkRunOptions({ run, resume, from }: RunOptions): void {
  if ((resume || from) && !run) throw new UsageError('usage/argument', '--resume and --from need to know which run', 'add --run FOLDER.');
}

/** The folder, and how to go on in it. */
export function whereOf({ run, resume, from }: RunOptions, name: string): { folder: string; resume?: true; from?: string } {
  const folder = run ?? join('runs', `${name}-${new Date().toISOString().slice(0, 19).replace(/[T:]/g, '-')}`);
  return { folder, ...(resume || from ? { resume: true } : {}), ...(from ? { from } : {}) };
}

export const stopNotice = 'stopping after this step, with a checkpoint (once more to stop at once, without)';

/** Where the first weights come from, in words. */
export const startOf = ({
  pretrained,
  take,
}: {
  readonly pretrained?: string | undefined;
  readonly take?: 'all' | 'words' | undefined;
}): string =>
  pretrained === undefined ? 'from scratch' : take === 'words' ? `with the word vectors of ${pretrained}` : `from ${pretrained}`;
