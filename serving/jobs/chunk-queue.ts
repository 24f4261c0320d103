/** @file The server's side of the queue: puts chunks on it and waits for their answers, whatever becomes of Redis and of workers. */
import type { Queue } from 'bullmq';
import type { Manifest } from '../../models/index.js';
import { type ChunkAnswer, type ChunkTask, parseAnswer, queueName } from './chunk-task.js';
import { loadBullmq } from './load-bullmq.js';
import { pause } from './pause.js';
import { codeOf } from './receive-file.js';

export type ChunkQueue = {
  /**
   * Waits for as long as it takes; says meanwhile what is in the way.
   *
   * @param id the same for the same chunk: asked again after a crash, it is not computed again if it is done or on its way
   */
  ask(id: string, manifest: Manifest, task: ChunkTask, waiting: ChunkWaiting): Promise<ChunkAnswer>;
  close(): Promise<void>;
};

export type ChunkWaiting = { readonly signal: AbortSignal; readonly report: (problem: string | undefined) => void };

/** Milliseconds between two looks; until an answer of Redis is no longer waited for; and between two counts of workers. */
const [lookMs, patienceMs, countMs] = [100, 5_000, 5_000];
/** A chunk that failed is put on the queue again, so many times: workers may be broken, and others not. */
const failuresAllowed = 3;
/** Seconds after which Redis forgets what nobody fetched. */
const keepSeconds = 3_600;

/** @throws UsageError `serving/start` where the packages for it are missing. Redis itself may be away now, or later. */
export async function openChunkQueue(url: string): Promise<ChunkQueue> {
  const { bullmq, Redis } = await loadBullmq();
  // Fails at once while Redis is away, rather than gathering commands in memory.
  const connection = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(2_000, 100 * times),
  });
  connection.on('error', () => {}); // what it means for a job is said there
  const closing = new AbortController();
  const queues = new Map<string, Queue>();
  const queueOf = (manifest: Manifest): Queue => {
    const name = queueName(manifest);
    const queue = queues.get(name) ?? new bullmq.Queue(name, { connection });
    queue.on('error', () => {});
    queues.set(name, queue);
    return queue;
  };

  return {
    async ask(id, manifest, task, { signal, report }) {
      let failures = 0;
      let counted = performance.now();
      try {
        for (;;) {
          signal.throwIfAborted();
          try {
            const queue = queueOf(manifest);
            const answer = await look(queue);
            if (answer) return answer;
            if (performance.now() - counted > countMs) {
              counted = performance.now();
              const none = (await soon(queue.getWorkersCount())) === 0;
              report(none ? `no worker has the model ${manifest.name}@${manifest.version}` : undefined);
            }
          } catch (error) {
            if (error instanceof ChunkFailed) throw error;
            signal.throwIfAborted();
            report(`the queue cannot be used: Redis does not answer (${codeOf(error)})`);
          }
          await pause(lookMs, signal);
        }
      } finally {
        // An answer that was taken, or that nobody waits for any more, is no business of Redis.
        forget(queueOf(manifest), id, closing.signal).catch(() => {}); // it is forgotten by its age then
      }

      async function look(queue: Queue): Promise<ChunkAnswer | undefined> {
        const state = await soon(queue.getJobState(id));
        if (state === 'unknown') {
          const forgotten = { age: keepSeconds };
          await soon(queue.add('chunk', task, { jobId: id, removeOnComplete: forgotten, removeOnFail: forgotten }));
        } else if (state === 'completed') {
          const done = await soon(queue.getJob(id));
          if (done?.returnvalue) return parseAnswer(done.returnvalue);
        } else if (state === 'failed') {
          if (++failures >= failuresAllowed) throw new ChunkFailed('workers failed on a part of it; their logs say more');
          await soon(queue.remove(id));
        }
        return undefined;
      }
    },
    async close() {
      closing.abort();
      await Promise.all([...queues.values()].map((queue) => soon(queue.close()).catch(() => {})));
      connection.disconnect();
    },
  };
}

class ChunkFailed extends Error {}

/** While a worker is at it, it cannot be removed; then it is once that is over, or by age. */
async function forget(queue: Queue, id: string, closing: AbortSignal): Promise<void> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const removed = await soon(queue.remove(id)).catch(() => -1);
    if (removed === 1) return;
    const state = await soon(queue.getJobState(id)).catch(() => 'away');
    if (state === 'unknown') return;
    await pause(2_000, closing);
  }
}

async function soon<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
