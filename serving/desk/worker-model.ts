/** @file What workers are told of a model. */
import { join } from 'node:path';
import type { ExplainFile, WorkerModel } from '../workers/index.js';
import type { ServedModel } from './catalogue.js';

export function workerModel(model: Pick<ServedModel, 'key' | 'manifest' | 'folder' | 'modelPath'>): WorkerModel {
  return { key: model.key, path: model.modelPath, explain: explainFile(model) };
}

/** `undefined` where the bundle has no explain graph, or where another file than the one whose weights it reads is served: it would explain another model. */
export function explainFile({
  manifest,
  folder,
  modelPath,
}: Pick<ServedModel, 'manifest' | 'folder' | 'modelPath'>): ExplainFile | undefined {
  const { explain, models, files } = manifest;
  if (explain === undefined) return undefined;
  const listed = files.find(({ path }) => path === models.fp32);
  if (!listed || join(folder, models.fp32) !== modelPath) return undefined;
  return { path: join(folder, explain), weights: modelPath, sha256: listed.sha256 };
}
