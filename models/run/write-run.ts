/** @file The end of a training run, written: weights and predictions first, `run.json` last, so that a folder with `run.json` is whole. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../bundle/verify-files.js';
import { writeWhole } from '../bundle/write-whole.js';
import { writeWeights } from '../weights/node.js';
import type { Weights } from '../weights/safetensors.js';
import { runFiles } from './files.js';
import { type OpenRun, readRun } from './read-run.js';
import { type Prediction, type Run, runSchema, runVersion } from './run.js';

export type RunContents = {
  readonly run: Omit<Run, 'format' | 'schemaVersion' | 'best'> & { readonly best: Omit<Run['best'], 'file' | 'sha256'> };
  /** The best EMA weights in stored layout (`toStored`). */
  readonly weights: Weights;
  readonly tokenizerJson: string;
  /** Content of tokenizer_config.json. */
  readonly tokenizerConfig: string;
  /** Every text of val, in file order. */
  readonly predictions: readonly Prediction[];
};

/** Writes into a folder that may already hold the config, the log and checkpoints; each file is either whole or not there. */
export async function writeRun(
  folder: string,
  { run, weights, tokenizerJson, tokenizerConfig, predictions }: RunContents,
): Promise<OpenRun> {
  const path = join(folder, runFiles.weights);
  await rm(join(folder, runFiles.run), { force: true }); // while the parts change, the run is not finished
  await writeWeights(path, weights);
  await writeWhole(join(folder, runFiles.tokenizer), tokenizerJson);
  await writeWhole(join(folder, runFiles.tokenizerConfig), tokenizerConfig);
  await writeWhole(join(folder, runFiles.predictions), predictions.map((prediction) => `${JSON.stringify(prediction)}\n`).join(''));
  const best: Run['best'] = { ...run.best, file: runFiles.weights, sha256: await hashFile(path) };
  const record = runSchema.parse({ format: 'copydesk-run', schemaVersion: runVersion, ...run, best });
  await writeWhole(join(folder, runFiles.run), `${JSON.stringify(record, null, 2)}\n`);
  return readRun(folder);
}
