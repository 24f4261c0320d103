/** @file Models that come and go while the desk answers: found, verified, warmed and only then named; let go when nobody asks them any more. */
import { readBundle } from '../../models/bundle/node.js';
import { UsageError } from '../../models/index.js';
import { ServiceError } from '../protocol/index.js';
import { JobError, type WorkerPool } from '../workers/index.js';
import { placesBelow } from './bundle-places.js';
import { type ChangingCatalogue, type FileChoice, openModel, type ServedModel } from './catalogue.js';
import { checkModel } from './check-model.js';
import { workerModel } from './worker-model.js';

export type RegistryEvent =
  | { readonly kind: 'loaded'; readonly model: string; readonly seconds: number }
  | { readonly kind: 'unloaded'; readonly model: string }
  | { readonly kind: 'default'; readonly model: string }
  /** The model, or the folder where not even its name is known, and why it is not served. */
  | { readonly kind: 'refused'; readonly model: string; readonly reason: string };

/** A model that is there on the disk. */
export type KnownModel = {
  /** `name@version`, or the folder of a bundle that cannot be read. */
  readonly key: string;
  readonly state: 'serving' | 'loading' | 'available' | 'refused';
  readonly default: boolean;
  /** Why it was refused. */
  readonly reason?: string;
};

export type Registry = {
  readonly catalogue: ChangingCatalogue;
  /** Every bundle below the folders and whether it is served, the served ones first. */
  list(): Promise<readonly KnownModel[]>;
  /** Loads a bundle that lies below the folders; one that is served already is left as it is.
   *  @throws ServiceError `unknown-model`, `model-refused` with the reason; the others go on in either case */
  load(key: string): Promise<void>;
  /** Takes a model off at once and lets it go when its last text is answered.
   *  @throws ServiceError `unknown-model`, `model-in-use` */
  unload(key: string): Promise<void>;
  /** @throws ServiceError `unknown-model` */
  prefer(reference: string): void;
  /** Loads what is new below the folders and lets go what is no longer there. A bundle that was refused is tried again when it has changed. */
  follow(): Promise<void>;
  /** Says that a model is being asked, until the returned function is called: it is not let go before.
   *  @throws ServiceError `unknown-model` where it was taken off */
  use(model: ServedModel): () => void;
};

export type RegistryDeps = {
  readonly catalogue: ChangingCatalogue;
  readonly pool: Pick<WorkerPool, 'load' | 'unload'>;
  /** Where bundles lie. */
  readonly folders: readonly string[];
  /** Models that may be loaded at once. */
  readonly most: number;
  /** Throws a UsageError where a model must not be served, whatever its bundle says. */
  readonly accept?: (model: ServedModel) => void;
  /** Which model file of a bundle runs. */
  readonly which?: FileChoice;
  readonly on: (event: RegistryEvent) => void;
};

export function createRegistry({ catalogue, pool, folders, most, accept = () => {}, which, on }: RegistryDeps): Registry {
  const uses = new Map<string, { count: number; idle: (() => void)[] }>();
  const loading = new Map<string, Promise<void>>();
  /** By folder: what was wrong with the bundle there, and how it looked. */
  const refusals = new Map<string, { readonly key: string; readonly mark: string; readonly reason: string }>();
  let following: Promise<void> | undefined;

  const isServed = (key: string): boolean => catalogue.models.some((model) => model.key === key);

  const bring = async (folder: string, mark: string): Promise<void> => {
    let key = folder;
    const began = performance.now();
    try {
      const bundle = await readBundle(folder);
      const model = await openModel(bundle, which);
      key = model.key;
      if (isServed(key)) return;
      if (catalogue.models.length >= most)
        throw new UsageError('serving/start', `${most} models are loaded already`, 'unload one, or raise limits.models.');
      accept(model);
      await pool.load(workerModel(model), (run) => checkModel(model, run));
      catalogue.add(model);
      refusals.delete(folder);
      on({ kind: 'loaded', model: key, seconds: (performance.now() - began) / 1000 });
    } catch (error) {
      const reason = error instanceof UsageError || error instanceof JobError ? error.message : 'the files could not be read';
      refusals.set(folder, { key, mark, reason });
      on({ kind: 'refused', model: key, reason });
      throw new ServiceError('model-refused', reason, 'the models that were served go on; mend the bundle and load it again');
    }
  };

  /** One load of a folder at a time, whoever asks for it. */
  const bringOnce = (folder: string, mark: string): Promise<void> => {
    const under = loading.get(folder);
    if (under) return under;
    const work = bring(folder, mark).finally(() => loading.delete(folder));
    loading.set(folder, work);
    return work;
  };

  const unload = async (key: string): Promise<void> => {
    const model = catalogue.remove(key);
    await idle(model.key);
    await pool.unload(model.key);
    on({ kind: 'unloaded', model: model.key });
  };

  const idle = (key: string): Promise<void> =>
    new Promise((resolve) => {
      const use = uses.get(key);
      if (use && use.count > 0) use.idle.push(resolve);
      else resolve();
    });

  const followOnce = async (): Promise<void> => {
    const places = await placesBelow(folders);
    for (const { folder, mark } of places) {
      const served = catalogue.models.some((model) => model.folder === folder);
      if (served || refusals.get(folder)?.mark === mark) continue;
      await bringOnce(folder, mark).catch(() => {}); // `on` was told
    }
    const there = new Set(places.map(({ folder }) => folder));
    for (const folder of refusals.keys()) if (!there.has(folder)) refusals.delete(folder);
    for (const { key, folder } of catalogue.models) if (!there.has(folder)) await unload(key).catch(() => {}); // the last of its name stays
  };

  return {
    catalogue,
    async list() {
      const served = catalogue.models.map(({ key }): KnownModel => ({ key, state: 'serving', default: key === catalogue.fallback.key }));
      const folderOfServed = new Set(catalogue.models.map(({ folder }) => folder));
      const others = (await placesBelow(folders)).filter(({ folder }) => !folderOfServed.has(folder));
      return [
        ...served,
        ...others.map(({ folder, key, mark }): KnownModel => {
          const refusal = refusals.get(folder);
          const state = loading.has(folder) ? 'loading' : refusal?.mark === mark ? 'refused' : 'available';
          return { key, state, default: false, ...(state === 'refused' ? { reason: refusal!.reason } : {}) };
        }),
      ];
    },
    async load(key) {
      if (isServed(key)) return;
      const place = (await placesBelow(folders)).find((one) => one.key === key);
      if (!place)
        throw new ServiceError(
          'unknown-model',
          `there is no bundle ${JSON.stringify(key.slice(0, 100))} in the folders of this server`,
          'GET /admin/models lists them',
        );
      await bringOnce(place.folder, place.mark);
    },
    unload,
    prefer(reference) {
      catalogue.prefer(reference);
      on({ kind: 'default', model: catalogue.fallback.key });
    },
    follow() {
      following ??= followOnce().finally(() => {
        following = undefined;
      });
      return following;
    },
    use({ key }) {
      catalogue.find(key);
      const use = uses.get(key) ?? { count: 0, idle: [] };
      uses.set(key, use);
      use.count++;
      let used = true;
      return () => {
        if (!used) return;
        used = false;
        if (--use.count > 0) return;
        uses.delete(key);
        for (const tell of use.idle) tell();
      };
    },
  };
}
