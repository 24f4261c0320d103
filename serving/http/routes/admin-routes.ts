/** @file Models come and go by request, for whoever has a key for it. Bundles are named, never given as paths. */
import type { Express } from 'express';
import { z } from 'zod';
import type { Access } from '../../access/index.js';
import type { Limits, Registry } from '../../desk/index.js';
import { type Operation, ServiceError } from '../../protocol/index.js';
import { type ExchangeHandler, type ExchangeResponse, sendJson } from '../intake/exchange.js';
import { guard } from '../intake/guard.js';
import { readJson } from '../intake/read-json.js';

export type AdminDeps = { readonly access: Access; readonly registry: Registry; readonly limits: Limits };

type AdminRoute = Operation & { readonly method: 'GET' | 'POST'; readonly act: (registry: Registry, model: string) => Promise<void> };

const requestSchema = z.strictObject({ model: z.string().min(1).max(200) });
const example = { model: 'headlines-en@3f1c9a0b52de' };

const knownModelsSchema = z.object({
  models: z.array(
    z.object({
      key: z.string(),
      state: z.enum(['serving', 'loading', 'available', 'refused']),
      default: z.boolean(),
      reason: z.string().optional(),
    }),
  ),
});

const common = { scope: 'admin', answers: { 200: knownModelsSchema } } as const;
const named = { ...common, method: 'POST', request: requestSchema, example, refusals: ['access', 'body', 'model', 'admin'] } as const;

/** Each answers with every bundle in the folders of the server, as it then is. */
const routes: readonly AdminRoute[] = [
  {
    ...common,
    method: 'GET',
    path: '/admin/models',
    name: 'admin-models',
    summary: 'Every bundle in the folders of the server, and whether it is served',
    refusals: ['access'],
    act: async () => {},
  },
  {
    ...named,
    path: '/admin/models/load',
    name: 'admin-load',
    summary: 'Verify, load and warm a bundle that lies in the folders, then serve it',
    act: (registry, model) => registry.load(model),
  },
  {
    ...named,
    path: '/admin/models/unload',
    name: 'admin-unload',
    summary: 'Take a model off, and let it go when its last text is answered',
    act: (registry, model) => registry.unload(model),
  },
  {
    ...named,
    path: '/admin/models/default',
    name: 'admin-default',
    summary: 'Let a model answer the requests that name none',
    act: async (registry, model) => registry.prefer(model),
  },
];

export const adminOperations: readonly Operation[] = routes;

/** @param otherMethods answers what a path does not take */
export function mountAdmin(
  app: Express,
  { access, registry, limits }: AdminDeps,
  otherMethods: (name: string, ...methods: readonly string[]) => ExchangeHandler,
): void {
  for (const { path, method, name, request: body, act } of routes) {
    const answer: ExchangeHandler = async (request, response: ExchangeResponse) => {
      const model = body ? modelOf(await readJson(request, response, limits)) : '';
      await act(registry, model);
      sendJson(response, 200, { models: await registry.list() });
    };
    const first = guard(access, { name, scope: 'admin' });
    const mounted = app.route(path);
    if (method === 'GET') mounted.get(first, answer).all(otherMethods(name, 'GET', 'HEAD'));
    else mounted.post(first, answer).all(otherMethods(name, 'POST'));
  }
}

function modelOf(body: unknown): string {
  const parsed = requestSchema.safeParse(body);
  if (parsed.success) return parsed.data.model;
  throw new ServiceError(
    'invalid-request',
    'the body does not name a model',
    `send ${JSON.stringify(example)}; GET /admin/models lists them`,
  );
}
