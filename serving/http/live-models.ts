/** @file The models of a running server as they come and go: followed in their folders, counted, logged, their files offered. */
import type { Logger } from 'pino';
import { UsageError } from '../../models/index.js';
import {
  type ChangingCatalogue,
  createRegistry,
  type Metrics,
  type Registry,
  type RegistryEvent,
  type ServedModel,
} from '../desk/index.js';
import type { WorkerPool } from '../workers/index.js';
import type { ResolvedServerOptions } from './options.js';
import { bundleFiles, type ServedFiles } from './routes/served-files.js';

export type LiveModels = {
  readonly registry: Registry;
  /** Files of the bundles that are served at this moment. */
  readonly files: () => ServedFiles;
  /** Looks into the folders now and then, where the options say so. */
  follow(): void;
  close(): void;
};

export type LiveModelsDeps = {
  readonly catalogue: ChangingCatalogue;
  readonly pool: WorkerPool;
  readonly options: Pick<ResolvedServerOptions, 'models' | 'limits' | 'watchSeconds' | 'precision' | 'providers'>;
  readonly metrics: Pick<Metrics, 'modelInfo' | 'modelLoads' | 'meet' | 'forget'>;
  readonly log: Logger;
  /** Throws a UsageError for a model that the server's policy does not fit. */
  readonly accept: (model: ServedModel) => void;
};

export async function createLiveModels({ catalogue, pool, options, metrics, log, accept }: LiveModelsDeps): Promise<LiveModels> {
  const { models: folders, limits, watchSeconds } = options;
  let files = await bundleFiles(catalogue);
  let timer: NodeJS.Timeout | undefined;

  const count = (): void => {
    metrics.modelInfo.reset();
    const { fallback } = catalogue;
    for (const { key, manifest } of catalogue.models) {
      metrics.meet(manifest.name, manifest.version);
      metrics.modelInfo.labels(manifest.name, manifest.version, String(key === fallback.key)).set(1);
    }
  };
  const on = (event: RegistryEvent): void => {
    metrics.modelLoads.labels(event.kind).inc();
    if (event.kind === 'refused') log.error(event, 'a model was refused; those that were served go on');
    else log.info(event, `model ${event.kind}`);
    if (event.kind === 'unloaded') void metrics.forget(...(event.model.split('@') as [string, string]));
    count();
    bundleFiles(catalogue).then(
      (now) => {
        files = now;
      },
      (error: unknown) => log.error({ reason: String(error) }, 'the files of a bundle could not be read'),
    );
  };
  const registry = createRegistry({
    catalogue,
    pool,
    folders,
    most: limits.models,
    accept: (model) => {
      checkRoom(model, limits);
      accept(model);
      if (model.precisionNote !== undefined) log.warn({ model: model.key }, model.precisionNote);
    },
    which: options,
    on,
  });
  count();
  return {
    registry,
    files: () => files,
    follow() {
      if (watchSeconds > 0) timer = setInterval(() => void registry.follow(), watchSeconds * 1000);
    },
    close: () => clearInterval(timer),
  };
}

/** A request that is as large as allowed must fit into the queue; a pair that is read in both orders takes two places there.
 *  @throws UsageError `serving/start` */
export function checkRoom({ key, manifest }: ServedModel, limits: ResolvedServerOptions['limits']): void {
  if (manifest.text.pairs !== 'both-orders' || 2 * limits.texts <= limits.queueTexts) return;
  const what = `serve: a request may hold ${limits.texts} pairs, which ${key} reads in both orders, but only ${limits.queueTexts} texts may wait`;
  throw new UsageError('serving/start', what, 'let limits.queueTexts be at least twice limits.texts.');
}
