/** @file A process that answers chunks from the queue, with models of its own and no port. */
import type { Worker } from 'bullmq';
import { UsageError, type WantedPrecision } from '../../models/index.js';
import {
  checkModel,
  createDesk,
  createDispatcher,
  createMetrics,
  type Limits,
  limitsSchema,
  loadCatalogue,
  type ServedModel,
} from '../desk/index.js';
import { WorkerPool } from '../workers/index.js';
import { answerTexts } from './answer-texts.js';
import { type ChunkAnswer, parseTask, queueName } from './chunk-task.js';
import { loadBullmq } from './load-bullmq.js';
import { pause } from './pause.js';
import { codeOf } from './receive-file.js';

export type WorkOptions = {
  /** Folders of bundles. */
  readonly models: readonly string[];
  readonly redis: string;
  /** Worker threads. */
  readonly workers: number;
  readonly limits?: Partial<Limits> | undefined;
  /** Model file that runs of each bundle. Default fp32; the same as the server has. */
  readonly precision?: WantedPrecision;
  readonly log: { info(fields: object, message: string): void; error(fields: object, message: string): void };
};

export type RunningWork = {
  /** `name@version` of each. */
  readonly models: readonly string[];
  /** Finishes the chunks at hand. */
  close(): Promise<void>;
};

/** Milliseconds for which a chunk is a worker's: it says so again before they are over, and one that does not has lost it to another. */
const lockMs = 10_000;

/** @throws UsageError `serving/start`, `bundle/*` */
export async function startWork({
  models: folders,
  redis,
  workers,
  limits: given,
  precision = 'fp32',
  log,
}: WorkOptions): Promise<RunningWork> {
  const { bullmq, Redis } = await loadBullmq();
  const limits = limitsSchema.parse(given ?? {});
  const catalogue = await loadCatalogue(folders, undefined, { precision });
  for (const { key, precisionNote } of catalogue.models) if (precisionNote !== undefined) log.info({ model: key }, precisionNote);
  const models = catalogue.models.map(({ key, modelPath }) => ({ key, path: modelPath }));
  const pool = new WorkerPool({
    size: workers,
    models,
    threads: 1,
    on: (event) => log.info(event, 'a worker thread was lost, or is back'),
  });
  const metrics = createMetrics();
  const now = () => performance.now();
  const onFailure = ({ model, texts }: { model: string; texts: number }) => log.error({ model, texts }, 'a batch failed');
  const dispatcher = createDispatcher({ pool, limits, metrics, now, onFailure });
  const desk = createDesk({ registry: { catalogue, use: () => () => {} }, dispatcher, metrics, ready: () => true, draining: () => false });
  const sweeper = setInterval(() => dispatcher.sweep(), 250);
  const ending = new AbortController();
  const connection = new Redis(redis, { maxRetriesPerRequest: null });
  let reachable = true;
  connection.on('error', (error) => {
    if (reachable) log.error({ code: codeOf(error) }, 'Redis cannot be reached; it is tried again');
    reachable = false;
  });
  connection.on('ready', () => {
    reachable = true;
  });

  const answer = async (model: ServedModel, data: unknown): Promise<ChunkAnswer> => {
    const { texts } = parseTask(data);
    const answers = await answerTexts(desk, { model, texts, client: 'jobs', signal: ending.signal }, pause);
    return { rows: answers.map((one) => (one ? { logits: [...one.logits], truncated: one.verdict.truncated === true } : null)) };
  };
  const takers: Worker[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(takers.map((taker) => taker.close()));
    ending.abort();
    clearInterval(sweeper);
    connection.disconnect();
    await pool.close();
  };
  try {
    await pool.ready;
    for (const model of catalogue.models) {
      await checkModel(model, (job) => pool.run(job));
      const taker = new bullmq.Worker(queueName(model.manifest), async ({ data }) => answer(model, data), {
        connection,
        concurrency: 2,
        lockDuration: lockMs,
        stalledInterval: lockMs / 2,
        // However many workers are lost with a chunk, somebody does it.
        maxStalledCount: 1_000,
      });
      taker.on('error', () => {}); // Redis is away: said above
      taker.on('completed', ({ id }) => log.info({ chunk: id, model: model.key }, 'a chunk is answered'));
      taker.on('failed', (job, error) => log.error({ chunk: job?.id, model: model.key, code: codeOf(error) }, 'a chunk failed'));
      takers.push(taker);
    }
  } catch (error) {
    await close();
    throw error instanceof UsageError ? error : new UsageError('serving/start', `work: ${(error as Error).message}`, 'see the log.');
  }
  return { models: models.map(({ key }) => key), close };
}
