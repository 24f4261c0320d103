/** @file What `GET /info` answers. */
import type { Provider } from '../../../models/index.js';
import { runtimeVersion } from '../../../models/runtime/node.js';
import type { Catalogue, Limits, ServedModel } from '../../desk/index.js';
import type { InfoResponse, ServedModelInfo } from '../../protocol/index.js';
import type { ProviderWatch } from '../provider-watch.js';

export type InfoDeps = {
  readonly version: string;
  readonly catalogue: Catalogue;
  readonly pool: { readonly size: number; readonly alive: number };
  readonly options: { readonly providers: readonly Provider[]; readonly limits: Limits };
  readonly providers: Pick<ProviderWatch, 'of'>;
  readonly policy: () => string | undefined;
};

/** @returns a function that says how things stand now */
export function createInfo({ version, catalogue, pool, options, providers, policy }: InfoDeps): () => InfoResponse {
  const began = performance.now();
  const started = new Date().toISOString();
  const served = (model: ServedModel): ServedModelInfo => {
    const { name, version, files } = model.manifest;
    const { precision } = model;
    const path = model.manifest.models[precision];
    const sha256 = files.find((file) => file.path === path)?.sha256 ?? '';
    return { name, version, default: model === catalogue.fallback, precision, sha256, ...providers.of(model.key) };
  };
  return () => ({
    service: 'copydesk',
    version,
    node: process.version,
    onnxruntime: runtimeVersion,
    started,
    uptimeSeconds: Math.round((performance.now() - began) / 1000),
    workers: { wanted: pool.size, alive: pool.alive, threads: threadsOfSession },
    providers: [...options.providers],
    models: catalogue.models.map(served),
    policy: policy() ?? null,
    limits: { ...options.limits },
  });
}

/** Threads of one session: workers share the cores among themselves. */
export const threadsOfSession = 1;
