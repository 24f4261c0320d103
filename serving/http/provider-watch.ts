/** @file What really computes, worker by worker: kept for `/info`, counted, and said in the log whenever it changes. */
import type { Logger } from 'pino';
import type { Provider } from '../../models/index.js';
import type { Metrics } from '../desk/index.js';
import type { Opened, PoolEvent } from '../workers/index.js';

/** How the workers compute a model. */
export type ModelProviders = {
  /** Workers by what computes in them, such as `{ cuda: 2 }`. */
  readonly providers: Readonly<Record<string, number>>;
  /** Why what was asked for before does not, a sentence each. */
  readonly fallbacks: string[];
  /** Operations by provider, where the runtime was watched: one that is asked for leaves to the CPU what it does not know. */
  readonly operations?: Readonly<Record<string, number>>;
};

export type ProviderWatch = {
  on(event: PoolEvent): void;
  /** @param key `name@version` */
  of(key: string): ModelProviders;
};

export type ProviderWatchDeps = {
  readonly wanted: readonly Provider[];
  readonly metrics: Pick<Metrics, 'modelWorkers' | 'providerFallback'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
};

export function createProviderWatch({ wanted, metrics, log }: ProviderWatchDeps): ProviderWatch {
  const models = new Map<string, Map<number, Opened>>();
  const of = (key: string): ModelProviders => {
    const all = [...(models.get(key)?.values() ?? [])];
    const providers: Record<string, number> = {};
    for (const { provider } of all) providers[provider] = (providers[provider] ?? 0) + 1;
    const operations = all.find(({ placement }) => placement)?.placement;
    return { providers, fallbacks: [...new Set(all.flatMap(({ fallbacks }) => fallbacks))], ...(operations ? { operations } : {}) };
  };
  const count = (key: string): void => {
    const [name = '', version = ''] = key.split('@');
    const { providers } = of(key);
    for (const provider of wanted) metrics.modelWorkers.labels(name, version, provider).set(providers[provider] ?? 0);
    const others = Object.keys(providers).some((provider) => provider !== wanted[0]);
    metrics.providerFallback.labels(name, version, wanted[0] ?? 'cpu').set(others ? 1 : 0);
  };
  return {
    of,
    on(event) {
      if (event.kind === 'unloaded') {
        models.delete(event.model);
        return;
      }
      if (event.kind === 'lost') {
        for (const [key, workers] of models) if (workers.delete(event.worker)) count(key);
      }
      if (event.kind !== 'opened') return;
      const { key, provider, fallbacks, placement } = event.opened;
      const workers = models.get(key) ?? new Map<number, Opened>();
      const known = [...workers.values()].some((other) => other.provider === provider);
      models.set(key, workers.set(event.worker, event.opened));
      count(key);
      if (known) return;
      const fields = { model: key, provider, worker: event.worker, ...(placement ? { operations: placement } : {}) };
      if (fallbacks.length === 0) log.info(fields, `${provider} computes`);
      else log.warn({ ...fields, wanted: wanted[0], fallbacks }, `${provider} computes, which was not the first choice`);
    },
  };
}
