/** @file The training loop, as a stream of events. Progress, logs and reports are made of them; whoever reads them stops by a signal. */
import { join } from 'node:path';
import { padBatch, UsageError } from '../../models/index.js';
import { planEpoch } from '../data/batches.js';
import { labelOf } from '../data/dataset.js';
import { classifierBatch } from '../engines/classifier-batch.js';
import type { Engine, TrainingBatch } from '../engines/engine.js';
import { computeMetrics, type Metrics } from '../metrics/metrics.js';
import { rateAt } from '../optimizers/schedule.js';
import { type Checkpoint, type Progress, writeCheckpoint } from './checkpoint.js';
import { defaultEpochs, metricDirections, type TrainConfig } from './config.js';
import { averagedLogits } from './evaluate.js';
import { fingerprintOf } from './fingerprint.js';
import type { Prepared } from './prepare.js';

export type TrainEvent =
  | {
      readonly kind: 'step';
      readonly step: number;
      readonly epoch: number;
      readonly loss: number;
      readonly learningRate: number;
      readonly gradientNorm: number;
      readonly texts: number;
    }
  | {
      readonly kind: 'evaluation';
      readonly step: number;
      readonly epoch: number;
      readonly metrics: Metrics;
      readonly best: boolean;
      readonly logits: readonly Float32Array[];
    }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly name: string }
  | { readonly kind: 'end'; readonly step: number; readonly reason: 'finished' | 'early' | 'interrupted'; readonly best: Progress['best'] };

export type TrainOptions = {
  readonly prepared: Prepared;
  readonly engine: Engine;
  /** The run's folder; checkpoints go into its `checkpoints`. */
  readonly folder: string;
  /** To go on from. */
  readonly from?: Checkpoint;
  /** When aborted, the run ends after the step that is running, with a checkpoint. */
  readonly signal?: AbortSignal;
};

export type Plan = {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** The step after which the moving average starts, and what it keeps at each. */
  readonly emaStart: number;
  readonly emaDecay: number;
};

/** @param examples in train */
export function plan(config: TrainConfig, examples: number): Plan {
  const { training } = config;
  const stepsPerEpoch = Math.ceil(examples / training.batchSize);
  const steps = (training.epochs ?? defaultEpochs(config, stepsPerEpoch)) * stepsPerEpoch;
  const { start, decay } = training.ema;
  // An average reaches back about 1 / (1 - decay) steps. In a short run that would be to its beginning, so it is held to a fifth of the run.
  const emaDecay = Math.max(0, Math.min(decay, 1 - 5 / steps));
  return { steps, stepsPerEpoch, emaStart: start < 1 ? Math.round(start * steps) : Math.round(start), emaDecay };
}

export const checkpointFolder = (run: string): string => join(run, 'checkpoints');

/** @throws UsageError `training/nan` with the step and the texts that made it; the last checkpoint stays */
export async function* train({ prepared, engine, folder, from, signal }: TrainOptions): AsyncGenerator<TrainEvent, void> {
  const { config, definition, val, padId, dataset } = prepared;
  const { training } = config;
  const { steps, stepsPerEpoch, emaStart, emaDecay: decay } = plan(config, prepared.train.examples.length);
  const evaluateEvery = training.evaluateEvery ?? stepsPerEpoch;
  const checkpointEvery = training.checkpointEvery ?? evaluateEvery;
  const fingerprint = fingerprintOf(prepared);
  let { step, best, stale }: Pick<Progress, 'step' | 'best' | 'stale'> = from?.progress ?? { step: 0, best: null, stale: 0 };
  if (from) await engine.restore(from.state);
  let saved = from ? step : -1;

  const save = async (): Promise<TrainEvent> => {
    const state = await engine.state();
    const name = await writeCheckpoint(
      checkpointFolder(folder),
      { step, updates: state.updates, best, stale, fingerprint },
      state,
      training.keep,
    );
    saved = step;
    return { kind: 'checkpoint', step, name };
  };
  const evaluate = async (epoch: number): Promise<TrainEvent> => {
    const logits = await averagedLogits(engine, val.encodings, padId, definition.labels);
    const metrics = computeMetrics({
      labels: dataset.labels,
      activation: 'softmax',
      temperature: 1,
      logits,
      truth: val.examples.map(labelOf),
    });
    const value = metrics[training.metric] ?? metrics.macroF1;
    const better = best === null || metricDirections[training.metric] * (value - best.value) > 0;
    if (better) [best, stale] = [{ step, value }, 0];
    else stale += 1;
    return { kind: 'evaluation', step, epoch, metrics, best: better, logits };
  };

  let batches: number[][] = [];
  let planned = -1;
  while (step < steps) {
    if (training.patience > 0 && stale >= training.patience) break;
    if (signal?.aborted) {
      if (saved !== step) yield await save();
      yield { kind: 'end', step, reason: 'interrupted', best };
      return;
    }
    const epoch = Math.floor(step / stepsPerEpoch);
    if (planned !== epoch) {
      const lengths = prepared.train.encodings.map(({ ids }) => ids.length);
      batches = planEpoch({
        lengths,
        batchSize: training.batchSize,
        bucketMultiplier: training.bucketMultiplier,
        seed: training.seed,
        epoch,
      });
      planned = epoch;
    }
    const rows = batches[step % stepsPerEpoch]!;
    const learningRate = training.learningRate * rateAt(training.schedule, step, steps);
    const emaDecay = step + 1 > emaStart ? decay : null;
    const { loss, gradientNorm, applied } = await engine.step(split(rows, training.accumulate, prepared), { step, learningRate, emaDecay });
    if (!applied) throw notFinite({ step, epoch, loss, gradientNorm, rows, learningRate }, saved);
    step += 1;
    yield { kind: 'step', step, epoch, loss, learningRate, gradientNorm, texts: rows.length };
    if (step % evaluateEvery === 0 || step === steps) yield await evaluate(epoch);
    if (step % checkpointEvery === 0 || step === steps) yield await save();
  }
  yield { kind: 'end', step, reason: step < steps ? 'early' : 'finished', best };
}

/** The texts of one update as `parts` padded batches. */
function split(rows: readonly number[], parts: number, { train: { examples, encodings }, padId }: Prepared): TrainingBatch[] {
  const size = Math.ceil(rows.length / parts);
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, part) => {
    const some = rows.slice(part * size, (part + 1) * size);
    const tokens = padBatch(
      some.map((row) => encodings[row]!),
      padId,
    );
    return classifierBatch(
      tokens,
      some.map((row) => examples[row]!.target),
    );
  });
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
