/** @file Puts a server together: models, workers, queue, routes; and takes it apart again without losing accepted work. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, pino } from 'pino';
import { invariant, toVerdict, UsageError } from '../../models/index.js';
import { createAccess, isLoopback } from '../access/index.js';
import {
  type Catalogue,
  checkModel,
  createDesk,
  createDispatcher,
  createMetrics,
  createShadow,
  type Dispatcher,
  type Limits,
  loadCatalogue,
  type Metrics,
  type ShadowDeps,
} from '../desk/index.js';
import type { FeedbackSink } from '../dialects/index.js';
import { type LivePolicy, openPolicy } from '../policy/index.js';
import { type PoolEvent, WorkerPool } from '../workers/index.js';
import { createApp } from './app.js';
import { createByteBudget } from './byte-budget.js';
import { connectionOptions, guardConnections, listen } from './listen.js';
import { checkRoom, createLiveModels } from './live-models.js';
import { type ResolvedServerOptions, type ServerOptions, serverOptionsSchema } from './options.js';
import { pageFiles } from './served-files.js';

export type RunningServer = {
  readonly url: string;
  /** `name@version` of each model, the default one first. */
  readonly models: readonly string[];
  readonly pool: WorkerPool;
  /** Reads the policy file again, as SIGHUP does; one that cannot be used is logged, and the old one goes on. */
  reloadPolicy(): Promise<void>;
  /** Refuses new work, finishes what was accepted, closes everything. May be called again. */
  close(): Promise<void>;
  /** Settles when the server has stopped, whoever stopped it. */
  readonly closed: Promise<void>;
};

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
  checkOpen(options);
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
    options.shadow && createShadow(options.shadow, shadowDeps({ catalogue, dispatcher, metrics, limits: options.limits, policy }));
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

function resolveOptions(given: ServerOptions): ResolvedServerOptions {
  const parsed = serverOptionsSchema.safeParse(given);
  if (parsed.success) {
    const { limits } = parsed.data;
    if (limits.texts > limits.queueTexts) {
      const what = `serve: a request may hold ${limits.texts} texts but only ${limits.queueTexts} may wait`;
      throw new UsageError('serving/start', what, 'let limits.queueTexts be at least limits.texts.');
    }
    if (limits.stallMs > limits.waitMs) return parsed.data;
    const what = `serve: a text may wait for ${limits.waitMs} ms, but its connection is closed after ${limits.stallMs} ms`;
    throw new UsageError('serving/start', what, 'let limits.stallMs be more than limits.waitMs.');
  }
  const [issue] = parsed.error.issues;
  throw new UsageError('serving/start', `serve: ${issue?.path.join('.')}: ${issue?.message}`, 'correct that option.');
}

/** Whoever opens a server to others says who they are, or says that it does not matter. */
function checkOpen({ host, keys, allowOpen }: ResolvedServerOptions): void {
  if (keys !== undefined || allowOpen || isLoopback(host)) return;
  const what = `serve: ${host} can be reached from other machines, and nobody would be asked for a key`;
  const fix = 'ask for keys with --keys FILE (copydesk keys add makes one), or say with --allow-open that anybody may use this server.';
  throw new UsageError('serving/start', what, fix);
}

type ShadowParts = {
  readonly catalogue: Catalogue;
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  readonly limits: Limits;
  readonly policy: LivePolicy;
};

/** A shadow is asked under a name of its own, so that the queue deals with it as with any other client, and only while it is half empty. */
function shadowDeps({ catalogue, dispatcher, metrics, limits, policy }: ShadowParts): ShadowDeps {
  return {
    find: catalogue.find,
    hasRoom: () => dispatcher.waiting * 2 < limits.queueTexts,
    async answer(model, texts) {
      const { logits } = await dispatcher.dispatch(model, texts, { client: 'shadow' }).answers;
      const book = policy.current();
      return logits.map((row, i) => {
        const verdict = toVerdict(model.manifest, row);
        return book ? book.judge(verdict, { model: model.manifest, texts: [texts[i]!].flat() }) : verdict;
      });
    },
    metrics,
  };
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

function closeOnce(work: () => Promise<void>): Pick<RunningServer, 'close' | 'closed'> {
  let closing: Promise<void> | undefined;
  let settle: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const close = (): Promise<void> => {
    closing ??= work().finally(settle);
    return closing;
  };
  return { close, closed };
}

/** Waits until nothing has been in flight for a moment, at most `ms`, while the port still answers, with 503; then closes everything. */
async function drain(server: Server, metrics: Metrics, ms: number): Promise<void> {
  if (!server.listening) return;
  const inFlight = async (): Promise<number> => (await metrics.inFlight.get()).values[0]?.value ?? 0;
  const until = performance.now() + ms;
  // A connection that was just made has not yet said what it wants: a few calm turns in a row show that none is left.
  for (let calm = 0; calm < 5 && performance.now() < until; ) {
    calm = (await inFlight()) > 0 ? 0 : calm + 1;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const down = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await down;
}

/** `dist/client` of the package. */
const clientFolder = (): string => join(packageFolder(), 'dist', 'client');

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** Seen from the source as from `dist`. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    invariant(above !== folder, 'start-server: no package.json above');
    folder = above;
  }
  return folder;
}
