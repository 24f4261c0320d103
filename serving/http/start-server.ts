/** @file Puts a server together: models, workers, queue, routes; and takes it apart again without losing accepted work. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { packageFolder, packageVersion } from '../../models/bundle/node.js';
import { UsageError } from '../../models/index.js';
import { createAccess, createSteadyClock, systemClock } from '../access/index.js';
import {
  type Catalogue,
  checkModel,
  createDesk,
  createDeskExplainer,
  createDispatcher,
  createMetrics,
  createShadow,
  loadCatalogue,
  type Metrics,
  shadowAnswers,
  workerModel,
} from '../desk/index.js';
import type { FeedbackSink } from '../dialects/index.js';
import { type LivePolicy, openPolicy } from '../policy/index.js';
import type { Tracing } from '../tracing/index.js';
import { type PoolEvent, WorkerPool } from '../workers/index.js';
import { createApp } from './app.js';
import { createByteBudget } from './intake/byte-budget.js';
import { expressMessages } from './intake/express-messages.js';
import { connectionOptions, guardConnections, listen } from './intake/listen.js';
import { createTurns } from './intake/turns.js';
import { openJobs } from './jobs.js';
import { checkRoom, createLiveModels } from './live-models.js';
import type { ResolvedServerOptions, ServerOptions } from './options.js';
import { createProviderWatch } from './provider-watch.js';
import { resolveOptions } from './resolve-options.js';
import { createReview } from './review.js';
import { createInfo, threadsOfSession } from './routes/info.js';
import { pageFiles } from './routes/served-files.js';
import { stderrLog } from './stderr-log.js';
import { closeOnce, drain, hearSignals, type Stop } from './stop.js';

export type RunningServer = {
  readonly url: string;
  /** `name@version` of each model, the default one first. */
  readonly models: readonly string[];
  readonly pool: WorkerPool;
  /** Reads the policy file again, as SIGHUP does; one that cannot be used is logged, and the old one goes on. */
  reloadPolicy(): Promise<void>;
} & Stop;

/** What a server can be given that is no setting. */
export type ServerParts = { readonly feedback?: FeedbackSink | undefined; readonly tracing?: Tracing | undefined };

/**
 * Resolves when every worker has warmed up every model; the port answers health checks before that.
 *
 * @throws UsageError `serving/stopped` when a signal came first; `serving/start` for options, ports or models that cannot be used; `bundle/*` for damaged bundles
 */
export async function startServer(
  given: ServerOptions,
  log: Logger = stderrLog(given.logLevel),
  { feedback, tracing }: ServerParts = {},
): Promise<RunningServer> {
  const options = resolveOptions(given);
  const signals = options.signals ? hearSignals() : undefined;
  const catalogue = await loadCatalogue(options.models, options.defaultModel, options);
  for (const { key, precisionNote } of catalogue.models) if (precisionNote !== undefined) log.warn({ model: key }, precisionNote);
  for (const model of catalogue.models) checkRoom(model, options.limits);
  const access = await createAccess(options, { log });
  const policy = await openPolicy(options.policy, () => catalogue.models.map(({ manifest }) => manifest));
  const metrics = createMetrics();
  const review = options.review && (await createReview(options.review, { metrics, log, now: createSteadyClock(systemClock) }));
  metrics.workersWanted.set(options.workers);
  const state = { ready: false, draining: false };
  const providers = createProviderWatch({ wanted: options.providers, metrics, log });
  const pool = startPool(catalogue, options, metrics, log, providers.on);
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
  const bareDesk = createDesk({
    registry: models.registry,
    dispatcher,
    metrics,
    policy: policy.current,
    shadow,
    explainer: createDeskExplainer({ dispatcher, limits: options.limits, metrics, now }),
    ready: () => state.ready,
    draining: () => state.draining,
  });
  const desk = review?.holding(bareDesk) ?? bareDesk;
  const jobs =
    options.jobs && (await openJobs(options.jobs, { access, desk, registry: models.registry, limits: options.limits, metrics, log, now }));
  const connections = guardConnections(options.limits, () => metrics.rejected.labels('too-many-connections').inc());
  const app = createApp({
    access,
    desk,
    tooMany: connections.tooMany,
    cors: options.cors,
    publicMetrics: options.publicMetrics,
    trustProxy: options.trustProxy,
    bytes: createByteBudget(options.limits.queueBytes),
    turns: createTurns({ now }),
    limits: options.limits,
    metrics,
    log,
    now,
    ready: () => state.ready,
    draining: () => state.draining,
    workers: () => pool.alive,
    attributes: () => policy.current()?.attributes ?? {},
    version: packageVersion(),
    info: createInfo({ version: packageVersion(), catalogue, pool, options, providers, policy: () => policy.current()?.key }),
    feedback: feedback ?? review?.feedback(catalogue),
    review,
    jobs,
    tracing,
    files: { page: await pageFiles(options.page ?? clientFolder()), bundles: models.files },
    registry: models.registry,
  });
  const server = createServer({ ...connectionOptions(options.limits, options.jobs !== undefined), ...expressMessages(app) }, app);
  connections.watch(server);
  const sweeper = setInterval(() => {
    dispatcher.sweep();
    metrics.workers.set(pool.alive);
  }, 250);
  const stop = closeOnce(async () => {
    const jobsAtRest = jobs?.close();
    state.draining = true;
    await drain(server, metrics, options.limits.drainMs);
    clearInterval(sweeper);
    models.close();
    await jobsAtRest;
    await shadow?.idle();
    await pool.close();
    await review?.store.close();
    await access.close();
    await tracing?.close();
  });

  try {
    const port = await listen(server, options.host, options.port);
    signals?.act(() => void stop.close());
    await pool.ready;
    for (const model of catalogue.models) await checkModel(model, (job) => pool.run(job));
    state.ready = true;
    models.follow();
    jobs?.start();
    metrics.workers.set(pool.alive);
    const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
    const keys = [catalogue.fallback, ...catalogue.models.filter((model) => model !== catalogue.fallback)].map(({ key }) => key);
    const reloadPolicy = () => reload(policy, log);
    if (options.signals && options.policy !== undefined) {
      process.on('SIGHUP', reloadPolicy);
      void stop.closed.then(() => process.off('SIGHUP', reloadPolicy));
    }
    const computing = Object.fromEntries(keys.map((key) => [key, providers.of(key).providers]));
    log.info({ url, models: keys, workers: pool.size, computing, policy: policy.current()?.key }, 'serving');
    return { url, models: keys, pool, reloadPolicy, ...stop };
  } catch (error) {
    await stop.close();
    if (signals?.heard) throw new UsageError('serving/stopped', 'serve: told to end before the models were ready', 'start it again.');
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

function startPool(
  catalogue: Catalogue,
  { workers: size, providers, wideThreads, inlineMs }: ResolvedServerOptions,
  metrics: Metrics,
  log: Logger,
  watch: (event: PoolEvent) => void,
): WorkerPool {
  const on = (event: PoolEvent): void => {
    watch(event);
    if (event.kind === 'lost') {
      metrics.workerLosses.inc();
      log.error(event, 'a worker was lost');
    } else if (event.kind === 'restarted') log.info(event, 'a worker is back');
  };
  const models = catalogue.models.map(workerModel);
  const threads = { threads: threadsOfSession, wideThreads: size > 1 ? wideThreads : threadsOfSession };
  return new WorkerPool({ size, models, ...threads, inlineMs, providers, on });
}

/** `dist/client` of the package. */
const clientFolder = (): string => join(packageFolder(), 'dist', 'client');
