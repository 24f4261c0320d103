/** @file `pretrain()` with a folder: logged as it comes, and at the end a model as Hugging Face saves it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../models/bundle/node.js';
import { runFiles } from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import { readWeights } from '../../models/weights/node.js';
import type { Engine } from '../engines/engine.js';
import { engines } from '../engines/engines.js';
import { relativeRates } from '../optimizers/parameter-rates.js';
import { type RunKind, resumeRun, startRun } from '../trainer/run-folder.js';
import { RunLog } from '../trainer/run-log.js';
import { checkpointFolder } from '../trainer/training-loop.js';
import { writeAverage } from '../trainer/write-average.js';
import { type PretrainConfig, parsePretrainConfig } from './config.js';
import { configDifference, fingerprintOf } from './fingerprint.js';
import { writeHubFolder } from './hub-folder.js';
import { type Prepared, preparePretraining } from './prepare.js';
import { type PretrainStep, paceOf, pretrain, type Told } from './pretrain.js';
import type { PretrainLogEntry } from './render-report.js';

export type PretrainRunOptions = {
  readonly config: PretrainConfig;
  readonly folder: string;
  readonly resume?: boolean;
  /** Name of the checkpoint to go on from; default the newest. */
  readonly from?: string;
  readonly signal?: AbortSignal;
};

export type PretrainEvent =
  | {
      readonly kind: 'prepared';
      readonly prepared: Prepared;
      readonly engine: Pick<Engine, 'name' | 'device'>;
      readonly steps: number;
      readonly fromStep: number;
    }
  | PretrainStep
  | { readonly kind: 'finished'; readonly model: string; readonly report: string; readonly step: number; readonly told: Told };

/** The folder of the model in that of its run. */
export const modelFolder = (run: string): string => join(run, 'model');

const pretraining: RunKind<PretrainConfig, Prepared> = {
  verb: 'pretrain',
  finished: { file: 'model/config.json', next: (folder) => `start from it: "model": { "pretrained": "${modelFolder(folder)}" }` },
  parse: parsePretrainConfig,
  prepare: preparePretraining,
  fingerprint: fingerprintOf,
  difference: configDifference,
};

/** @throws UsageError as training does: `training/run`, `training/checkpoint`, `training/nan` */
export async function* pretrainRun({ config, folder, resume, from, signal }: PretrainRunOptions): AsyncGenerator<PretrainEvent, void> {
  const started = resume ? await resumeRun(pretraining, folder, config, from) : await startRun(pretraining, folder, config);
  const { prepared } = started;
  const { training } = config;
  const engine = await engines[training.engine]({
    graphs: prepared.graphs,
    weights: prepared.weights,
    optimizer: relativeRates(training.optimizer, training.learningRate),
    seed: training.seed,
    precision: training.precision,
    recompute: training.recompute,
    provider: training.provider,
    ...(training.threads ? { threads: training.threads } : {}),
  });
  try {
    const fromStep = started.from?.progress.step ?? 0;
    const log = await RunLog.open<PretrainLogEntry>(folder, fromStep);
    const { steps, stepsPerEpoch } = paceOf(prepared);
    yield { kind: 'prepared', prepared, engine, steps, fromStep };
    let since = performance.now();
    let finished: Extract<PretrainEvent, { kind: 'finished' }> | undefined;
    const where = { folder, ...(started.from ? { from: started.from } : {}), ...(signal ? { signal } : {}) };
    try {
      for await (const event of pretrain({ prepared, engine, ...where })) {
        if (event.kind === 'step') {
          const { kind, step, loss, learningRate, gradientNorm, texts } = event;
          const examplesPerSecond = Math.round((texts * 1000) / (performance.now() - since));
          log.add({ kind, step, epoch: step / stepsPerEpoch, loss, learningRate, gradientNorm, examplesPerSecond });
        }
        if (event.kind === 'evaluation') {
          log.add({ kind: 'evaluation', step: event.step, ...event.told });
          // Written before the checkpoint that remembers them, and the same if made again.
          if (event.best) await writeAverage(join(folder, runFiles.weights), prepared.parameters, engine);
        }
        since = performance.now();
        yield event;
        if (event.kind === 'end' && event.reason !== 'interrupted' && event.best)
          finished = await finish(folder, prepared, await log.entries(), event.best.step);
      }
    } catch (error) {
      if (!finished) throw error; // else it is the last checkpoint's, which nobody needs any more
    }
    if (!finished) return;
    await rm(checkpointFolder(folder), { recursive: true, force: true });
    yield finished;
  } finally {
    await engine.dispose();
  }
}

async function finish(
  folder: string,
  prepared: Prepared,
  entries: readonly PretrainLogEntry[],
  best: number,
): Promise<Extract<PretrainEvent, { kind: 'finished' }>> {
  const { model, tokenizerJson, padId } = prepared;
  const [nothing] = await createTokenizer(tokenizerJson).encode([''], 8);
  const [start, end] = [nothing?.ids[0], nothing?.ids.at(-1)];
  const { renderReport } = await import('./render-report.js'); // the drawing library is large, and only needed at the end
  const report = join(folder, runFiles.report);
  await writeWhole(report, renderReport(prepared, entries, best));
  const weights = await readWeights(join(folder, runFiles.weights));
  await writeHubFolder(modelFolder(folder), { model, tokenizerJson, weights, tokens: { start, end, pad: padId } });
  const measured = entries.findLast((entry) => entry.kind === 'evaluation' && entry.step === best) as Told;
  const { loss, perplexity, accuracy } = measured;
  return { kind: 'finished', model: modelFolder(folder), report, step: best, told: { loss, perplexity, accuracy } };
}
