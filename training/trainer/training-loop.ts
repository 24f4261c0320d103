/** @file The training loop of whatever is trained, as a stream of events: steps, evaluations, checkpoints. Whoever reads them stops by a signal. */
import { join } from 'node:path';
import { UsageError } from '../../models/index.js';
import type { Engine, TrainingBatch } from '../engines/engine.js';
import { rateAt, type ScheduleConfig } from '../optimizers/schedule.js';
import { type Checkpoint, type Progress, writeCheckpoint } from './checkpoint.js';

export type StepEvent = {
  readonly kind: 'step';
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  /** What the loss is the weighted sum of, by name. */
  readonly parts: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Before clipping; not finite where half precision overflowed and the step was passed over. */
  readonly gradientNorm: number;
  readonly texts: number;
};
export type LoopEvent<Measured> =
  | StepEvent
  | ({ readonly kind: 'evaluation'; readonly step: number; readonly epoch: number; readonly best: boolean } & Measured)
  | { readonly kind: 'checkpoint'; readonly step: number; readonly name: string }
  /** Nothing more is computed; a checkpoint may still be on its way to the disk, and is told after this. */
  | { readonly kind: 'end'; readonly step: number; readonly reason: 'finished' | 'early' | 'interrupted'; readonly best: Progress['best'] };

/** How long, how fast, and how often one looks. */
export type Pace = {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** The step after which the moving average starts, and what it keeps at each. */
  readonly emaStart: number;
  readonly emaDecay: number;
  /** The highest. */
  readonly learningRate: number;
  readonly schedule: ScheduleConfig;
  readonly evaluateEvery: number;
  readonly checkpointEvery: number;
  /** Checkpoints kept. */
  readonly keep: number;
  /** Evaluations without a better one after which it ends; 0: never. */
  readonly patience: number;
};

/** What is learnt from, and what is measured. */
export type Lesson<Measured> = {
  /** The batches of an update, and the rows of train that they are, for messages. The step alone decides. */
  update(at: {
    readonly step: number;
    readonly epoch: number;
  }): Promise<{ readonly batches: readonly TrainingBatch[]; readonly rows: readonly number[] }>;
  evaluate(): Promise<{ readonly value: number; readonly measured: Measured }>;
  /** 1 where more is better, -1 where less is. */
  readonly direction: 1 | -1;
  /** What must be the same for a checkpoint to be gone on with. */
  readonly fingerprint: string;
};

export type LoopOptions<Measured> = {
  readonly engine: Engine;
  readonly pace: Pace;
  readonly lesson: Lesson<Measured>;
  /** The run's folder; checkpoints go into its `checkpoints`. */
  readonly folder: string;
  /** To go on from. */
  readonly from?: Checkpoint;
  /** When aborted, the run ends after the step that is running, with a checkpoint. */
  readonly signal?: AbortSignal;
};

export const checkpointFolder = (run: string): string => join(run, 'checkpoints');

/** @throws UsageError `training/nan` with the step and the texts that made it; the last checkpoint stays */
export async function* trainingLoop<Measured>(options: LoopOptions<Measured>): AsyncGenerator<LoopEvent<Measured>, void> {
  const { engine, pace, lesson, folder, from, signal } = options;
  const { steps, stepsPerEpoch } = pace;
  let { step, best, stale }: Pick<Progress, 'step' | 'best' | 'stale'> = from?.progress ?? { step: 0, best: null, stale: 0 };
  if (from) await engine.restore(from.state);
  let saved = from ? step : -1;
  /** The checkpoint that is being written while steps go on. */
  let writing: { readonly event: Promise<LoopEvent<Measured>>; written: boolean } | undefined;

  const save = async (): Promise<void> => {
    const state = await engine.state(); // a copy, so that the next step may begin
    const { updates, lossScale } = state;
    const progress = { step, updates, best, stale, fingerprint: lesson.fingerprint, ...(lossScale ? { lossScale } : {}) };
    const event = writeCheckpoint(checkpointFolder(folder), progress, state, pace.keep).then((name): LoopEvent<Measured> => {
      one.written = true;
      saved = progress.step;
      return { kind: 'checkpoint', step: progress.step, name };
    });
    event.catch(() => {}); // whoever waits for it is told
    const one = { event, written: false };
    writing = one;
  };
  const written = async (): Promise<LoopEvent<Measured>[]> => {
    const event = await writing?.event;
    writing = undefined;
    return event ? [event] : [];
  };
  const evaluate = async (epoch: number): Promise<LoopEvent<Measured>> => {
    const { value, measured } = await lesson.evaluate();
    const better = best === null || lesson.direction * (value - best.value) > 0;
    if (better) [best, stale] = [{ step, value }, 0];
    else stale += 1;
    return { kind: 'evaluation', step, epoch, best: better, ...measured };
  };

  try {
    while (step < steps) {
      if (pace.patience > 0 && stale >= pace.patience) break;
      if (signal?.aborted) {
        yield* await written();
        if (saved !== step) await save();
        yield* await written();
        yield { kind: 'end', step, reason: 'interrupted', best };
        return;
      }
      const epoch = Math.floor(step / stepsPerEpoch);
      const learningRate = pace.learningRate * rateAt(pace.schedule, step, steps, stepsPerEpoch);
      const emaDecay = step + 1 > pace.emaStart ? pace.emaDecay : null;
      const { batches, rows } = await lesson.update({ step, epoch });
      const { loss, parts, gradientNorm, applied, overflowed } = await engine.step(batches, { step, learningRate, emaDecay });
      if (!applied && !overflowed) {
        yield* await written();
        throw notFinite({ step, epoch, loss, gradientNorm, rows, learningRate }, saved);
      }
      step += 1;
      yield { kind: 'step', step, epoch, loss, parts, learningRate, gradientNorm, texts: rows.length };
      if (writing?.written) yield* await written();
      if (step % pace.evaluateEvery === 0 || step === steps) yield await evaluate(epoch);
      if (step % pace.checkpointEvery === 0 || step === steps) {
        yield* await written();
        await save();
      }
    }
    yield { kind: 'end', step, reason: step < steps ? 'early' : 'finished', best };
    yield* await written();
  } finally {
    await writing?.event.catch(() => {}); // nothing is written once the run has ended, however it did
  }
}

type NotFinite = { step: number; epoch: number; loss: number; gradientNorm: number; rows: readonly number[]; learningRate: number };

function notFinite({ step, epoch, loss, gradientNorm, rows, learningRate }: NotFinite, saved: number): UsageError {
  const kept = saved > 0 ? `the checkpoint of step ${saved} is kept` : 'there was no checkpoint yet';
  return new UsageError(
    'training/nan',
    `train: step ${step + 1} (epoch ${epoch + 1}): loss ${loss}, gradient norm ${gradientNorm} at learning rate ${learningRate.toExponential(2)}, on train examples ${rows
      .map((row) => row + 1)
      .sort((a, b) => a - b)
      .join(', ')} (counted from 1); ${kept}`,
    'lower training.learningRate, or lengthen training.schedule.warmup, in a new run.',
  );
}
