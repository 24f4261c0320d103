/** @file Puts a server together: models, workers, queue, routes; and takes it apart again without losing accepted work. */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, pino } from 'pino';
import { invariant, UsageError } from '../../models/index.js';
import { type Catalogue, createDesk, createDispatcher, createMetrics, loadCatalogue, type Metrics } from '../desk/index.js';
import { type PoolEvent, WorkerPool } from '../workers/index.js';
import { createApp } from './app.js';
import { guardConnections, listen } from './listen.js';
import { type ResolvedServerOptions, type ServerOptions, serverOptionsSchema } from './options.js';
import { bundleFiles, pageFiles } from './served-files.js';

export type RunningServer = {
  readonly url: string;
  /** `name@version` of each model, the default one first. */
  readonly models: readonly string[];
  readonly pool: WorkerPool;
  /** Refuses new work, finishes what was accepted, closes everything. May be called again. */
  close(): Promise<void>;
  /** Settles when the server has stopped, whoever stopped it. */
  readonly closed: Promise<void>;
};

/**
 * Resolves when every worker has warmed up every model; the port answers health checks before that.
 *
 * @throws UsageError `serving/start` for options, ports or models that cannot be used; `bundle/*` for damaged bundles
 */
export async function startServer(given: ServerOptions, log: Logger = stderrLog(given.logLevel)): Promise<RunningServer> {
  const options = resolveOptions(given);
  const catalogue = await loadCatalogue(options.models, options.defaultModel);
  checkRoom(options, catalogue);
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
  const desk = createDesk({ catalogue, dispatcher, metrics, ready: () => state.ready, draining: () => state.draining });
  const app = createApp({
    desk,
    limits: options.limits,
    metrics,
    log,
    now,
    ready: () => state.ready,
    draining: () => state.draining,
    workers: () => pool.alive,
    files: { page: await pageFiles(options.page ?? clientFolder()), bundles: await bundleFiles(catalogue) },
  });
  const server = createServer(app);
  guardConnections(server);
  const sweeper = setInterval(() => {
    dispatcher.sweep();
    metrics.workers.set(pool.alive);
  }, 250);
  const stop = closeOnce(async () => {
    state.draining = true;
    await drain(server, metrics, options.limits.drainMs);
    clearInterval(sweeper);
    await pool.close();
  });

  try {
    const port = await listen(server, options.host, options.port);
    await pool.ready;
    state.ready = true;
    metrics.workers.set(pool.alive);
    const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
    const models = [catalogue.fallback, ...catalogue.models.filter((model) => model !== catalogue.fallback)].map(({ key }) => key);
    if (options.signals) for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop.close());
    log.info({ url, models, workers: pool.size }, 'serving');
    return { url, models, pool, ...stop };
  } catch (error) {
    await stop.close();
    throw error;
  }
}

function resolveOptions(given: ServerOptions): ResolvedServerOptions {
  const parsed = serverOptionsSchema.safeParse(given);
  if (parsed.success) {
    const { limits } = parsed.data;
    if (limits.texts <= limits.queueTexts) return parsed.data;
    const what = `serve: a request may hold ${limits.texts} texts but only ${limits.queueTexts} may wait`;
    throw new UsageError('serving/start', what, 'let limits.queueTexts be at least limits.texts.');
  }
  const [issue] = parsed.error.issues;
  throw new UsageError('serving/start', `serve: ${issue?.path.join('.')}: ${issue?.message}`, 'correct that option.');
}

/** A request that is as large as allowed must fit into the queue; a pair that is read in both orders takes two places there. */
function checkRoom({ limits }: ResolvedServerOptions, { models }: Catalogue): void {
  const twice = models.find(({ manifest }) => manifest.text.pairs === 'both-orders');
  if (!twice || 2 * limits.texts <= limits.queueTexts) return;
  const what = `serve: a request may hold ${limits.texts} pairs, which ${twice.key} reads in both orders, but only ${limits.queueTexts} texts may wait`;
  throw new UsageError('serving/start', what, 'let limits.queueTexts be at least twice limits.texts.');
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
  for (const { key, manifest } of catalogue.models) {
    metrics.modelInfo.labels(manifest.name, manifest.version, String(key === catalogue.fallback.key)).set(1);
  }
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

/** `dist/client` of the package, seen from the source as from `dist`. */
function clientFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    invariant(above !== folder, 'start-server: no package.json above');
    folder = above;
  }
  return join(folder, 'dist', 'client');
}
