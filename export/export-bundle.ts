/** @file A finished run to a bundle: its best EMA weights, checked against what training saw. */
import type { Bundle } from '../models/bundle/node.js';
import { runModel } from '../models/index.js';
import { readRun } from '../models/run/node.js';
import { assembleBundle, type BundleOptions, checkPrecision } from './assemble-bundle.js';

export type ExportOptions = BundleOptions & {
  /** The folder of a finished run. */
  readonly run: string;
};

/** @throws UsageError `training/run` for a run that cannot be exported, `bundle/parity` when the file does not answer as the run did, `export/failed` */
export async function exportBundle({ run: folder, ...options }: ExportOptions): Promise<Bundle> {
  checkPrecision(options.precision);
  const { run, weights, predictions, ...tokenizer } = await readRun(folder);
  const { best: _best, format: _format, schemaVersion: _version, ...handedOn } = run;
  const trained = await weights();
  const model = runModel(run, trained);
  return assembleBundle(
    { run: handedOn, ...tokenizer, model, weights: new Set(trained.keys()), predictions: await predictions() },
    options,
  );
}
