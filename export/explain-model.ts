/** @file The explain graph as a file beside a model: some 60 KB, which reads its weights out of the model's own bytes. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path/posix';
import { knownArchitecture, type Manifest, toOnnx, UsageError } from '../models/index.js';
import { explainGraph } from './explain-graph.js';
import { placesInModel } from './weights-in-model.js';

/** Where a bundle keeps it. */
export const explainFile = 'onnx/explain.onnx';

export type Explained = Pick<Manifest, 'name' | 'architecture' | 'labels' | 'activation' | 'temperature' | 'models'> & {
  /** With them, the model must be the one that they list. */
  readonly files?: Manifest['files'];
};

/** The file, or why there can be none: explanations then leave words out instead. */
export type ExplainModel = { readonly bytes: Uint8Array } | { readonly impossible: string };

/**
 * @param manifest of the bundle, as far as it is known
 * @param model the bytes of its fp32 file
 * @throws UsageError `bundle/hash` for other bytes than the manifest lists, `bundle/invalid` for an architecture that is not known here
 */
export function explainModel(manifest: Explained, model: Uint8Array): ExplainModel {
  const { name, labels, activation, temperature, models } = manifest;
  checkListed(manifest, model);
  const config = knownArchitecture(manifest.architecture, name);
  if (activation === 'softmax' && labels.length === 1) return { impossible: 'its only label is always certain' };
  const { graph, parameters, outputNames } = explainGraph(config, { labels: labels.length, activation, temperature });
  const read = new Set(graph.inputs.map((input) => input.name));
  const needed = parameters.filter(({ value }) => read.has(value.name));
  const external = placesInModel(model, needed, basename(models.fp32));
  const absent = needed.find(({ value }) => !external.has(value.name));
  if (absent) return { impossible: `the model does not hold ${absent.value.name} as it was trained` };
  return { bytes: toOnnx(graph, { name: `${name}-explain`, external, outputNames }) };
}

function checkListed({ name, models, files }: Explained, model: Uint8Array): void {
  const listed = files?.find(({ path }) => path === models.fp32);
  if (!listed || createHash('sha256').update(model).digest('hex') === listed.sha256) return;
  throw new UsageError(
    'bundle/hash',
    `${name}: ${models.fp32} is not the file that its manifest lists`,
    'give the model of this very bundle: the explain graph reads its weights by their places in it.',
  );
}
