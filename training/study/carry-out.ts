/** @file Several runs below one folder, one after another. Asked for again, it goes on where it stopped: what is finished stays. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runFiles, UsageError } from '../../models/index.js';
import type { TrainConfig } from '../trainer/config.js';
import { firstDifference } from '../trainer/fingerprint.js';
import { parseConfig } from '../trainer/parse-config.js';
import { type RunEvent, trainRun } from '../trainer/train-run.js';
import { checkpointFolder } from '../trainer/training-loop.js';

export type PlannedRun = {
  /** Also its folder, below that of all; may have slashes. */
  readonly name: string;
  readonly config: TrainConfig;
};

export type FailedRun = { readonly name: string; readonly message: string };

export type StudyEvent =
  /** `finished`: it was before. */
  | { readonly kind: 'run'; readonly run: PlannedRun; readonly at: number; readonly of: number; readonly state: RunState }
  | { readonly kind: 'training'; readonly run: PlannedRun; readonly event: RunEvent }
  | { readonly kind: 'failed'; readonly run: PlannedRun; readonly message: string }
  | { readonly kind: 'end'; readonly interrupted: boolean; readonly failed: readonly FailedRun[] };

type RunState = 'new' | 'begun' | 'finished';

export type CarryOutOptions = {
  readonly folder: string;
  readonly runs: readonly PlannedRun[];
  /** When aborted, the run that is going stops with a checkpoint, and no other is begun. */
  readonly signal?: AbortSignal;
};

/**
 * A run that fails in a way that a person can mend, such as a loss that is no number, does not stop the others; the first one does, as it is
 * likely the config that is at fault.
 *
 * @throws UsageError `training/run` before anything is trained, when a folder holds a run with another config
 */
export async function* carryOut({ folder, runs, signal }: CarryOutOptions): AsyncGenerator<StudyEvent, void> {
  const states = await Promise.all(runs.map(({ name, config }) => stateOf(join(folder, name), config)));
  const failed: FailedRun[] = [];
  for (const [i, run] of runs.entries()) {
    if (signal?.aborted) return yield { kind: 'end', interrupted: true, failed };
    const state = states[i]!;
    yield { kind: 'run', run, at: i + 1, of: runs.length, state };
    if (state === 'finished') continue;
    try {
      for await (const event of trainRun({
        config: run.config,
        folder: join(folder, run.name),
        resume: state === 'begun',
        ...(signal ? { signal } : {}),
      })) {
        yield { kind: 'training', run, event };
        if (event.kind === 'end' && event.reason === 'interrupted') return yield { kind: 'end', interrupted: true, failed };
      }
    } catch (error) {
      if (!(error instanceof UsageError) || i === 0) throw error;
      failed.push({ name: run.name, message: error.message });
      yield { kind: 'failed', run, message: error.message };
    }
  }
  yield { kind: 'end', interrupted: false, failed };
}

async function stateOf(folder: string, config: TrainConfig): Promise<RunState> {
  const path = join(folder, runFiles.config);
  if (!(await exists(path))) return 'new';
  const different = firstDifference(parseConfig(await readFile(path, 'utf8'), path), config);
  if (different) {
    throw new UsageError(
      'training/run',
      `${folder}: there is a run here with another config: ${different.key} was ${different.was}, now ${different.is}`,
      'give another folder with --to, or the config as it was.',
    );
  }
  // Checkpoints are removed when everything else is written.
  const whole = (await exists(join(folder, runFiles.run))) && !(await exists(checkpointFolder(folder)));
  return whole ? 'finished' : 'begun';
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
