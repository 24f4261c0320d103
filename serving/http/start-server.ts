/** @file Puts a server together: models, workers, queue, routes; and takes it apart again without losing accepted work. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { packageFolder, packageVersion } from '../../models/bundle/node.js';
import { createAccess } from '../access/index.js';
import {
  type Catalogue,
  checkModel,
  createDesk,
  createDispatcher,
  createMetrics,
  createShadow,
  loadCatalogue,
  type Metrics,
  shadowAnswers,
} from '../desk/index.js';
import type { FeedbackSink } from '../dialects/index.js';
import { type LivePolicy, openPolicy } from '../policy/index.js';
import { type PoolEvent, WorkerPool } from '../workers/index.js';
import { createApp } from './app.js';
import { createByteBudget } from './byte-budget.js';
import { connectionOptions, guardConnections, listen } from './listen.js';
import { checkRoom, createLiveModels } from './live-models.js';
import type { ResolvedServerOptions, ServerOptions } from './options.js';
import { resolveOptions } from './resolve-options.js';
import { pageFiles } from './served-files.js';
import { closeOnce, drain, type Stop } from './stop.js';

export type RunningServer = {
  readonly url: string;
  /** `name@version` of each model, the default one first. */
  readonly models: readonly string[];
  readonly pool: WorkerPool;
  /** Reads the policy file again, as SIGHUP does; one that cannot be used is logged, and the old one goes on. */
  reloadPolicy(): Promise<void>;
} & Stop;

/** What a server can be given that is no setting. */
export type ServerParts = { readonly feedback?: FeedbackSink | undefined };

/**
 * Resolves when every worker has warmed up every model; the port answers health checks before that.
 *
 * @throws UsageError `serving/start` for options, ports or models that cannot be used; `bundle/*` for damaged bundles
 */
export async function startServer(
  given: ServerOptions,
  log: Logger = stderrLog(given.logLevel),
  { feedback }: ServerParts = {},
): Promise<RunningServer> {
  const options = resolveOptions(given);
  const catalogue = await loadCatalogue(options.models, options.defaultModel);
  for (const model of catalogue.models) checkRoom(model, options.limits);
  const access = await createAccess(options, { log });
  const policy = await openPolicy(options.policy, () => catalogue.models.map(({ manifest }) => manifest));
  const metrics = createMetrics();
  const state = { ready: false, draining: false };
  const pool = startPool(catalogue, options, metrics, log);
  const now = () => performance.now();
  const dispatcher = createDispatcher({
    pool,
    limits: options.limits,
    metrics,
    now,
    onFailure: ({ model, texts, error }) => log.error({ model, texts, reason: String(error) }, 'a batch failed'),
  });
  const models = await createLiveModels({
    catalogue,
    pool,
    options,
    metrics,
    log,
    accept: ({ manifest }) => policy.current()?.check([manifest]),
  });
  const shadow =
    options.shadow &&
    createShadow(options.shadow, { find: catalogue.find, ...shadowAnswers(dispatcher, options.limits, policy.current), metrics });
  const desk = createDesk({
    registry: models.registry,
    dispatcher,
    metrics,
    policy: policy.current,
    shadow,
    ready: () => state.ready,
    draining: () => state.draining,
  });
  const server = createServer(connectionOptions(options.limits));
  const tooMany = guardConnections(server, options.limits, () => metrics.rejected.labels('too-many-connections').inc());
  const app = createApp({
    access,
    desk,
    tooMany,
    cors: options.cors,
    publicMetrics: options.publicMetrics,
    trustProxy: options.trustProxy,
    bytes: createByteBudget(options.limits.queueBytes),
    limits: options.limits,
    metrics,
    log,
    now,
    ready: () => state.ready,
    draining: () => state.draining,
    workers: () => pool.alive,
    attributes: () => policy.current()?.attributes ?? {},
    version: packageVersion(),
    feedback,
    files: { page: await pageFiles(options.page ?? clientFolder()), bundles: models.files },
    registry: models.registry,
  });
  server.on('request', app);
  const sweeper = setInterval(() => {
    dispatcher.sweep();
    metrics.workers.set(pool.alive);
  }, 250);
  const stop = closeOnce(async () => {
    state.draining = true;
    await drain(server, metrics, options.limits.drainMs);
    clearInterval(sweeper);
    models.close();
    await shadow?.idle();
    await pool.close();
    await access.close();
  });

  try {
    const port = await listen(server, options.host, options.port);
    await pool.ready;
    for (const model of catalogue.models) await checkModel(model, (job) => pool.run(job));
    state.ready = true;
    models.follow();
    metrics.workers.set(pool.alive);
    const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
    const keys = [catalogue.fallback, ...catalogue.models.filter((model) => model !== catalogue.fallback)].map(({ key }) => key);
    if (options.signals) for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop.close());
    const reloadPolicy = () => reload(policy, log);
    if (options.signals && options.policy !== undefined) {
      process.on('SIGHUP', reloadPolicy);
      void stop.closed.then(() => process.off('SIGHUP', reloadPolicy));
    }
    log.info({ url, models: keys, workers: pool.size, policy: policy.current()?.key }, 'serving');
    return { url, models: keys, pool, reloadPolicy, ...stop };
  } catch (error) {
    await stop.close();
    throw error;
  }
}

async function reload(policy: LivePolicy, log: Logger): Promise<void> {
  try {
    const book = await policy.reload();
    log.info({ policy: book?.key }, 'the policy was read again');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.error({ reason, policy: policy.current()?.key }, 'the policy file cannot be used; the policy stays as it was');
  }
}

/** Structured lines on stderr; texts are never in them. */
function stderrLog(level = 'info'): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: false }));
}

function startPool(catalogue: Catalogue, options: ResolvedServerOptions, metrics: Metrics, log: Logger): WorkerPool {
  const on = (event: PoolEvent): void => {
    if (event.kind === 'lost') {
      metrics.workerLosses.inc();
      log.error(event, 'a worker was lost');
    } else log.info(event, 'a worker is back');
  };
  const models = catalogue.models.map(({ key, modelPath }) => ({ key, path: modelPath }));
  return new WorkerPool({ size: options.workers, models, threads: 1, on });
}

/** `dist/client` of the package. */
const clientFolder = (): string => join(packageFolder(), 'dist', 'client');
