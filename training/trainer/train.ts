/** @file The training of a classifier: batches of its texts to the loop, figures on val out of it. */
import { planEpoch } from '../data/batches.js';
import type { Engine, TrainingBatch } from '../engines/engine.js';
import { tsaThreshold } from '../losses/tsa.js';
import { metricDirections, selectionValue } from '../metrics/metric-names.js';
import { computeMetrics, type Metrics } from '../metrics/metrics.js';
import { defaultEpochs, type RatedConfig, selectionMetric } from './config.js';
import type { Epoch } from './epochs.js';
import { averagedLogits } from './evaluate.js';
import { fingerprintOf } from './fingerprint.js';
import type { Prepared } from './prepare.js';
import { type Lesson, type LoopEvent, type LoopOptions, type Pace, trainingLoop } from './training-loop.js';

/** What val was answered, and how good that is. */
export type Measured = { readonly metrics: Metrics; readonly logits: readonly Float32Array[] };
export type TrainEvent = LoopEvent<Measured>;

export type TrainOptions = Pick<LoopOptions<Measured>, 'folder' | 'from' | 'signal'> & {
  readonly prepared: Prepared;
  readonly engine: Engine;
};

/** @throws UsageError `training/nan` with the step and the texts that made it; the last checkpoint stays */
export const train = ({ prepared, engine, ...where }: TrainOptions): AsyncGenerator<TrainEvent, void> =>
  trainingLoop({
    engine,
    pace: plan(prepared.config, prepared.train.epochs.size),
    lesson: lessonOf(prepared, engine),
    ...where,
  });

/** @param texts in one pass */
export function plan(config: Pick<RatedConfig, 'training' | 'model'>, texts: number): Pace {
  const { learningRate, schedule, keep, patience, batchSize, ema, ...training } = config.training;
  const stepsPerEpoch = Math.ceil(texts / batchSize);
  const steps = (training.epochs ?? defaultEpochs(config, stepsPerEpoch)) * stepsPerEpoch;
  // An average reaches back about 1 / (1 - decay) steps. In a short run that would be to its beginning, so it is held to a tenth of the run: with a fifth
  // the average lags behind weights that are still learning (docs/performance.md).
  const emaDecay = Math.max(0, Math.min(ema.decay, 1 - 10 / steps));
  const emaStart = ema.start < 1 ? Math.round(ema.start * steps) : Math.round(ema.start);
  const evaluateEvery = training.evaluateEvery ?? stepsPerEpoch;
  const checkpointEvery = training.checkpointEvery ?? evaluateEvery;
  return { steps, stepsPerEpoch, emaStart, emaDecay, learningRate, schedule, evaluateEvery, checkpointEvery, keep, patience };
}

function lessonOf(prepared: Prepared, engine: Engine): Lesson<Measured> {
  const { config, dataset, val, padId } = prepared;
  const { epochs } = prepared.train;
  const { batchSize, bucketMultiplier, seed } = config.training;
  const { steps, stepsPerEpoch } = plan(config, epochs.size);
  const metric = selectionMetric(config, dataset.task);
  let pass: { readonly number: number; readonly epoch: Epoch; readonly batches: readonly (readonly number[])[] } | undefined;
  return {
    fingerprint: fingerprintOf(prepared),
    direction: metricDirections[metric],
    async update({ step, epoch: number }) {
      if (pass?.number !== number) {
        const epoch = await epochs.load(number);
        pass = { number, epoch, batches: planEpoch({ lengths: epoch.lengths, batchSize, bucketMultiplier, seed, epoch: number }) };
      }
      const rows = pass.batches[step % stepsPerEpoch]!;
      return { rows, batches: await batchesOf(prepared, { epoch: pass.epoch, rows, step, progress: step / steps }) };
    },
    async evaluate() {
      const logits = await averagedLogits(engine, val, padId, dataset.labels.length);
      const targets = val.examples.map(({ target }) => target);
      const metrics = computeMetrics({ task: dataset.task, labels: dataset.labels, temperature: 1, logits, targets });
      return { value: selectionValue(metrics, metric), measured: { metrics, logits } };
    },
  };
}

type Update = { readonly epoch: Epoch; readonly rows: readonly number[]; readonly step: number; readonly progress: number };

/** The rows of one update as padded batches, as many as it is spread over, with all that the training graph reads. */
async function batchesOf({ config, unlabelled, dataset }: Prepared, { epoch, rows, step, progress }: Update): Promise<TrainingBatch[]> {
  const size = Math.ceil(rows.length / config.training.accumulate);
  const parts = Math.ceil(rows.length / size);
  const { annealing = 'none' } = config.objective.uda ?? {};
  const threshold = annealing === 'none' ? 1 : tsaThreshold(annealing, progress, dataset.labels.length);
  return Promise.all(
    Array.from({ length: parts }, async (_, part): Promise<TrainingBatch> => {
      const { texts, tensors } = epoch.batch(rows.slice(part * size, (part + 1) * size));
      if (!unlabelled) return { texts, tensors };
      const beside = await unlabelled.tensors({ step, part, parts });
      const annealed = { annealing_threshold: { type: 'float32', dims: [], data: Float32Array.of(threshold) } as const };
      return { texts, tensors: { ...tensors, ...beside, ...annealed } };
    }),
  );
}
