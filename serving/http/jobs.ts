/** @file Jobs, put to the desk: files of texts answered in the background of a server's requests, or by others through a queue. */
import type { Logger } from 'pino';
import type { Access } from '../access/index.js';
import { type Desk, jobMetrics, type Limits, type Metrics, type Registry } from '../desk/index.js';
import { type ChunkQueue, createJobs, type JobOptions, type Jobs, localAnswers, openChunkQueue, queuedAnswers } from '../jobs/index.js';

export type JobsPartDeps = {
  readonly access: Access;
  readonly desk: Desk;
  readonly registry: Pick<Registry, 'use'>;
  readonly limits: Limits;
  readonly metrics: Pick<Metrics, 'registry'>;
  readonly log: Logger;
  /** Milliseconds, never going back. */
  readonly now: () => number;
};

/** @throws UsageError `serving/start` for a folder or a queue that cannot be used */
export async function openJobs(options: JobOptions, { access, desk, registry, limits, metrics, log, now }: JobsPartDeps): Promise<Jobs> {
  const counts = jobMetrics([metrics.registry]);
  const charge = (client: string, texts: number): void => void access.charge({ id: client, scopes: ['jobs'] }, 'texts', texts);
  const queue: ChunkQueue | undefined = options.redis === undefined ? undefined : await openChunkQueue(options.redis);
  const jobs = await createJobs({
    options,
    jobBytes: limits.jobBytes,
    today: Date.now,
    catalogue: desk.catalogue,
    use: registry.use,
    // Through a queue several are out at once, as many as some machines have work for; and they are small, to be moved and to be lost.
    ...(queue
      ? { answer: queuedAnswers(queue, desk, charge), ahead: 32, chunk: { rows: 128, characters: 131_072 } }
      : { answer: localAnswers(desk, charge), ahead: 2, chunk: { rows: 512, characters: 262_144 } }),
    characters: limits.characters,
    on: {
      lines: (outcome, count) => counts.lines.labels(outcome).inc(count),
      ended: (state) => counts.ended.labels(state).inc(),
    },
    log,
    now,
  });
  counts.follow(jobs.figures);
  return {
    ...jobs,
    async close() {
      await jobs.close();
      await queue?.close();
    },
  };
}
