/** @file The models a server answers with, and how a request names one. */

import { findBundles } from '../../models/bundle/node.js';
import { type Manifest, nearest, type Tokenizer, UsageError } from '../../models/index.js';
import { type ModelInfo, ServiceError } from '../protocol/index.js';
import { createServerTokenizer } from './tokenize.js';

export type ServedModel = {
  /** `name@version`. */
  readonly key: string;
  readonly manifest: Manifest;
  readonly folder: string;
  /** The `.onnx` file that runs. */
  readonly modelPath: string;
  readonly tokenizer: Tokenizer;
};

export type Catalogue = {
  readonly models: readonly ServedModel[];
  /** Answers requests that name no model. */
  readonly fallback: ServedModel;
  /**
   * `name@version`; `name` for its newest version; `undefined` for the default.
   *
   * @throws ServiceError `unknown-model`
   */
  find(reference: string | undefined): ServedModel;
};

/**
 * Reads and verifies every bundle below `folders`. The default model is `preferred`, or the newest version of the first name in the first folder.
 *
 * @throws UsageError `serving/start` for an unknown `preferred` or one name and version found twice; `bundle/*` for a bundle that is damaged
 */
export async function loadCatalogue(folders: readonly string[], preferred?: string): Promise<Catalogue> {
  const models: ServedModel[] = [];
  for (const folder of folders) {
    for (const bundle of await findBundles([folder])) {
      const { manifest } = bundle;
      const key = `${manifest.name}@${manifest.version}`;
      const twin = models.find((model) => model.key === key);
      if (twin) {
        const what = `serve: ${key} is in ${twin.folder} and again in ${bundle.folder}`;
        throw new UsageError('serving/start', what, 'serve one of the two folders.');
      }
      models.push({
        key,
        manifest,
        folder: bundle.folder,
        modelPath: bundle.modelPath(),
        tokenizer: createServerTokenizer(bundle.tokenizerJson),
      });
    }
  }
  return createCatalogue(models, preferred);
}

/** @param models oldest version first within a name */
export function createCatalogue(models: readonly ServedModel[], preferred?: string): Catalogue {
  const byReference = new Map<string, ServedModel>();
  for (const model of models) byReference.set(model.manifest.name, model).set(model.key, model);
  const [first] = models;
  const fallback = preferred === undefined ? first && byReference.get(first.manifest.name) : byReference.get(preferred);
  if (!fallback) {
    const what = preferred === undefined ? 'serve: there is no model to serve' : `serve: there is no model named ${preferred}`;
    const names = [...byReference.keys()].join(', ');
    throw new UsageError('serving/start', what, names ? `choose one of ${names}.` : 'give a folder of bundles with --models.');
  }
  return {
    models,
    fallback,
    find(reference) {
      const found = reference === undefined ? fallback : byReference.get(reference);
      if (found) return found;
      const names = [...byReference.keys()];
      const meant = nearest(reference ?? '', names);
      const fix = meant ? `did you mean "${meant}"? GET /models lists all` : 'GET /models lists the models of this server';
      throw new ServiceError('unknown-model', `there is no model ${JSON.stringify(reference?.slice(0, 100))}`, fix);
    },
  };
}

export function modelInfo({ manifest, key }: ServedModel, fallback: ServedModel): ModelInfo {
  return {
    name: manifest.name,
    version: manifest.version,
    default: key === fallback.key,
    labels: manifest.labels,
    activation: manifest.activation,
    ...manifest.text,
    created: manifest.created,
    ...(manifest.thresholds ? { thresholds: manifest.thresholds } : {}),
    policy: manifest.policy.labels,
    metrics: manifest.metrics,
    files: `/bundles/${manifest.name}/${manifest.version}/`,
  };
}
