/** @file `train()` with a folder: what it yields is written down as it comes, and at the end the run is finished. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../models/bundle/node.js';
import { type Prediction, runFiles } from '../../models/index.js';
import { paddingShare, planEpoch } from '../data/batches.js';
import type { Engine } from '../engines/engine.js';
import { engines } from '../engines/engines.js';
import { openTensorBoardLog } from '../logs/tensorboard-log.js';
import { metricTitles } from '../metrics/metric-names.js';
import { relativeRates } from '../optimizers/parameter-rates.js';
import { selectionMetric, type TrainConfig } from './config.js';
import { type Finished, finishRun } from './finish-run.js';
import { keepFrozen } from './frozen-features.js';
import type { Prepared } from './prepare.js';
import { classifierRuns, resumeRun, type Started, startRun } from './run-folder.js';
import { type LogEntry, RunLog } from './run-log.js';
import { plan, type TrainEvent, train } from './train.js';
import { checkpointFolder } from './training-loop.js';
import { writeAverage } from './write-average.js';

export type RunOptions = {
  readonly config: TrainConfig;
  readonly folder: string;
  readonly resume?: boolean;
  /** Name of the checkpoint to go on from; default the newest. */
  readonly from?: string;
  readonly signal?: AbortSignal;
};

export type RunEvent =
  | {
      readonly kind: 'prepared';
      readonly prepared: Prepared;
      readonly engine: Pick<Engine, 'name' | 'device'>;
      readonly steps: number;
      readonly epochs: number;
      /** The first step whose weights the moving average takes up; `null` without one. */
      readonly averageFrom: number | null;
      readonly fromStep: number;
      /** Share of what the steps of the first epoch compute that is padding, 0 to 1. */
      readonly padding: number;
    }
  | TrainEvent
  | { readonly kind: 'finished'; readonly finished: Finished };

export async function* trainRun({ config: given, folder, resume = false, from, signal }: RunOptions): AsyncGenerator<RunEvent, void> {
  const started: Started = resume ? await resumeRun(classifierRuns, folder, given, from) : await startRun(classifierRuns, folder, given);
  // What is frozen is as the checkpoint has it, wherever the first weights came from.
  const prepared = await keepFrozen(started.prepared, started.from?.state.weights ?? started.prepared.weights);
  const { graphs, weights, config } = prepared;
  const { training } = config;
  const engine = await engines[training.engine]({
    graphs,
    weights,
    optimizer: relativeRates(training.optimizer, training.learningRate),
    seed: training.seed,
    precision: training.precision,
    recompute: training.recompute,
    provider: training.provider,
    batches: {
      rows: Math.ceil(training.batchSize / training.accumulate),
      longest: config.text.maxTokens,
      padId: prepared.padId,
    },
    ...(training.threads ? { threads: training.threads } : {}),
  });
  const fromStep = started.from?.progress.step ?? 0;
  const log = await RunLog.open(folder, fromStep);
  const curves = await openTensorBoardLog(folder, { fromStep });
  const note = (entry: LogEntry): void => {
    log.add(entry);
    curves.add(entry);
  };
  const { steps, stepsPerEpoch, emaStart, emaDecay } = plan(config, prepared.train.epochs.size);
  const averageFrom = emaDecay === 0 ? null : emaStart + 1;
  try {
    const padding = await paddingOf(prepared);
    yield { kind: 'prepared', prepared, engine, steps, epochs: steps / stepsPerEpoch, averageFrom, fromStep, padding };
    let since = performance.now();
    let finished: Finished | undefined;
    try {
      for await (const event of train({
        prepared,
        engine,
        folder,
        ...(started.from ? { from: started.from } : {}),
        ...(signal ? { signal } : {}),
      })) {
        if (event.kind === 'step') {
          const { step, loss, parts, learningRate, gradientNorm, texts } = event;
          const now = performance.now();
          note({
            kind: 'step',
            step,
            epoch: step / stepsPerEpoch,
            loss,
            ...(Object.keys(parts).length > 0 ? { parts } : {}),
            learningRate,
            gradientNorm,
            examplesPerSecond: Math.round((texts * 1000) / (now - since)),
          });
        }
        if (event.kind === 'evaluation') {
          note({ kind: 'evaluation', step: event.step, metrics: event.metrics });
          if (event.best) await keepBest(folder, prepared, engine, event.logits);
        }
        since = performance.now();
        yield event;
        if (event.kind === 'end' && event.reason !== 'interrupted' && event.best)
          finished = await finishRun(folder, prepared, log, event.best, endings[event.reason](event.step, prepared));
      }
    } catch (error) {
      if (!finished) throw error; // else it is the last checkpoint's, which nobody needs any more
    }
    if (!finished) return;
    await rm(checkpointFolder(folder), { recursive: true, force: true });
    yield { kind: 'finished', finished };
  } finally {
    await Promise.all([engine.dispose(), prepared.teacher?.dispose()]);
  }
}

/** Of the first epoch: the others differ little. */
async function paddingOf({ train, config }: Prepared): Promise<number> {
  const { lengths } = await train.epochs.load(0);
  const { batchSize, bucketMultiplier, seed } = config.training;
  return paddingShare(planEpoch({ lengths, batchSize, bucketMultiplier, seed, epoch: 0 }), lengths);
}

const endings = {
  finished: (step: number) => `All ${step} steps were made.`,
  early: (step: number, { config, dataset }: Prepared) =>
    `Stopped at step ${step}: ${config.training.patience} evaluations without a better ${metricTitles[selectionMetric(config, dataset.task)]}.`,
};

/** The averaged weights, and what they answer on val. Written before the checkpoint that remembers them, and the same if made again. */
async function keepBest(folder: string, { parameters, val }: Prepared, engine: Engine, logits: readonly Float32Array[]): Promise<void> {
  const predictions = val.examples.map(
    ({ text, pair, target }, i): Prediction => ({
      text,
      ...(pair === undefined ? {} : { pair }),
      target: [...target],
      logits: [...logits[i]!],
    }),
  );
  await writeWhole(join(folder, runFiles.predictions), predictions.map((prediction) => `${JSON.stringify(prediction)}\n`).join(''));
  await writeAverage(join(folder, runFiles.weights), parameters, engine);
}
