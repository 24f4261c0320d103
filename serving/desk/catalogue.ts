/** @file The models a server answers with, and how a request names one. */

import { type Bundle, findBundles } from '../../models/bundle/node.js';
import {
  choosePrecision,
  type Manifest,
  nearest,
  type Precision,
  type Probes,
  type Provider,
  type Tokenizer,
  UsageError,
  type WantedPrecision,
} from '../../models/index.js';
import { type ModelInfo, ServiceError, shown } from '../protocol/index.js';
import { createServerTokenizer } from './tokenize.js';

export type ServedModel = {
  /** `name@version`. */
  readonly key: string;
  readonly manifest: Manifest;
  readonly folder: string;
  /** The `.onnx` file that runs. */
  readonly modelPath: string;
  readonly precision: Precision;
  /** Why that is not the precision that was wanted. */
  readonly precisionNote?: string;
  readonly tokenizer: Tokenizer;
  /** Texts with the answers that they had when the bundle was written; `undefined` in old bundles. */
  readonly probes?: Probes | undefined;
};

export type Catalogue = {
  /** Oldest version first within a name. */
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

/** One whose models come and go. */
export type ChangingCatalogue = Catalogue & {
  add(model: ServedModel): void;
  /** @throws ServiceError `model-in-use` for the default model where no other version of its name is left */
  remove(key: string): ServedModel;
  /** @param reference `name`: whatever version is its newest, now and later; `name@version`: this one
   *  @throws ServiceError `unknown-model` */
  prefer(reference: string): void;
};

/**
 * Reads and verifies every bundle below `folders`. The default model is `preferred`, or the newest version of the first name in the first folder.
 *
 * @throws UsageError `serving/start` for an unknown `preferred` or one name and version found twice; `bundle/*` for a bundle that is damaged
 */
export async function loadCatalogue(folders: readonly string[], preferred?: string, which: FileChoice = {}): Promise<ChangingCatalogue> {
  const models: ServedModel[] = [];
  for (const folder of folders) {
    for (const bundle of await findBundles([folder])) {
      const model = await openModel(bundle, which);
      const twin = models.find(({ key }) => key === model.key);
      if (twin) {
        const what = `serve: ${model.key} is in ${twin.folder} and again in ${bundle.folder}`;
        throw new UsageError('serving/start', what, 'serve one of the two folders.');
      }
      models.push(model);
    }
  }
  return createCatalogue(models, preferred);
}

export type FileChoice = {
  /** Default fp32. */
  readonly precision?: WantedPrecision;
  /** What is to compute, the best first. Default the processor. */
  readonly providers?: readonly Provider[];
};

export async function openModel(
  { manifest, folder, tokenizerJson, modelPath, probes }: Bundle,
  { precision: wanted = 'fp32', providers = ['cpu'] }: FileChoice = {},
): Promise<ServedModel> {
  const { precision, instead } = choosePrecision(manifest, wanted, providers[0]);
  return {
    key: `${manifest.name}@${manifest.version}`,
    manifest,
    folder,
    modelPath: modelPath(precision),
    precision,
    ...(instead === undefined ? {} : { precisionNote: instead }),
    tokenizer: createServerTokenizer(tokenizerJson),
    probes: await probes(),
  };
}

/** @param given oldest version first within a name */
export function createCatalogue(given: readonly ServedModel[], preferred?: string): ChangingCatalogue {
  let models = [...given];
  let byReference = referencesOf(models);
  const [first] = models;
  let preference = preferred ?? first?.manifest.name ?? '';
  if (!byReference.has(preference)) {
    const what = preferred === undefined ? 'serve: there is no model to serve' : `serve: there is no model named ${preferred}`;
    const names = [...byReference.keys()].join(', ');
    throw new UsageError('serving/start', what, names ? `choose one of ${names}.` : 'give a folder of bundles with --models.');
  }
  const change = (next: readonly ServedModel[]): void => {
    models = [...next];
    byReference = referencesOf(models);
  };
  const find = (reference = preference): ServedModel => {
    const found = byReference.get(reference);
    if (found) return found;
    const meant = nearest(reference, [...byReference.keys()]);
    const fix = meant ? `did you mean "${meant}"? GET /models lists all` : 'GET /models lists the models of this server';
    throw new ServiceError('unknown-model', `there is no model ${shown(reference, 'of that name')}`, fix);
  };
  return {
    get models() {
      return models;
    },
    get fallback() {
      return find();
    },
    find,
    add(model) {
      const others = models.filter(({ key }) => key !== model.key);
      change([...others, model].sort((a, b) => order(a.manifest.name, b.manifest.name) || order(a.manifest.created, b.manifest.created)));
    },
    remove(key) {
      const model = find(key);
      const left = models.filter((other) => other !== model);
      if (!referencesOf(left).has(preference)) {
        const fix = 'make another model the default first';
        throw new ServiceError('model-in-use', `${model.key} is the default model, and no other stands in for it`, fix);
      }
      change(left);
      return model;
    },
    prefer(reference) {
      find(reference);
      preference = reference;
    },
  };
}

/** By `name@version`, and by `name` the last. */
function referencesOf(models: readonly ServedModel[]): ReadonlyMap<string, ServedModel> {
  return new Map(models.flatMap((model): [string, ServedModel][] => [[model.manifest.name, model], [model.key, model]])); // biome-ignore format: short
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function modelInfo({ manifest, key, precision }: ServedModel, fallback: ServedModel): ModelInfo {
  return {
    name: manifest.name,
    version: manifest.version,
    default: key === fallback.key,
    labels: manifest.labels,
    activation: manifest.activation,
    precision,
    ...manifest.text,
    created: manifest.created,
    ...(manifest.thresholds ? { thresholds: manifest.thresholds } : {}),
    policy: manifest.policy.labels,
    metrics: manifest.metrics,
    files: `/bundles/${manifest.name}/${manifest.version}/`,
  };
}
