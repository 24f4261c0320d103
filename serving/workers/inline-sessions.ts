/** @file Sessions in the thread that listens: a short text that comes while nobody else asks is computed there, which spares it two ways between threads. */
import { stat } from 'node:fs/promises';
import type { Session } from '../../models/index.js';
import type { Job, JobResult, WorkerModel } from './messages.js';
import type { PoolOptions } from './pool-options.js';
import { runBatch } from './run-batch.js';
import { JobError } from './slot.js';

export type InlineSessions = {
  /** Whether this batch is answered here, in the time that nothing else may be. */
  takes(job: Job): boolean;
  /** @throws JobError `refused` when the session throws */
  run(job: Job): Promise<JobResult>;
  /** A worker answered a batch that had the server to itself. A model of which that is so time and again is opened here too. */
  heard(job: Job, answered: Pick<JobResult, 'seconds' | 'wide'>, models: readonly WorkerModel[]): void;
  /** Lets a model go. No batch of it may run. */
  forget(key: string): Promise<void>;
  /** Lets every model go. */
  close(): Promise<void>;
};

export type InlineDeps = {
  /** Longest time for which this thread may compute. Milliseconds. */
  readonly mostMs: number;
  /** @param wide whether several threads are faster */
  readonly open: (model: WorkerModel, wide: boolean) => Promise<Session>;
  /** Of its file. */
  readonly bytesOf: (model: WorkerModel) => Promise<number>;
  /** Milliseconds, never going back. */
  readonly now: () => number;
};

type InlineOptions = Required<Pick<PoolOptions, 'inlineMs' | 'providers' | 'threads' | 'wideThreads'>>;

type Known = { heard: number; msPerToken: number; state: 'unopened' | 'opening' | Session | 'unusable'; wide: boolean };

/** Batches of a model that workers answer before it is opened here: whoever asks once or twice need not pay its memory. */
const patience = 10;
/** Of a model's file. Opening keeps the thread for two milliseconds a megabyte; the larger the model, the more that is, and the less of a text's time is saved. */
const mostBytes = 128 * 2 ** 20;
/** Share of the past in what a token takes. */
const memory = 0.9;

/** Those of a pool: none where anything but the processor may compute. */
export function inlineSessions({ inlineMs, providers, threads, wideThreads }: InlineOptions): InlineSessions {
  return createInlineSessions({
    mostMs: providers.every((one) => one === 'cpu') ? inlineMs : 0,
    open: async ({ path }, wide) => {
      const { createSession } = await import('../../models/runtime/node.js'); // most threads that have a pool never need it
      return createSession(path, wide ? { threads: wideThreads, spinning: 'running' } : { threads, spinning: false });
    },
    bytesOf: async ({ path }) => (await stat(path)).size,
    now: () => performance.now(),
  });
}

export function createInlineSessions({ mostMs, open, bytesOf, now }: InlineDeps): InlineSessions {
  const models = new Map<string, Known>();

  const fits = ({ msPerToken }: Known, { batch, tokens }: Job): boolean => batch * tokens * msPerToken <= mostMs;
  const learn = (known: Known, { batch, tokens }: Job, seconds: number): void => {
    const sample = (seconds * 1000) / (batch * tokens);
    known.msPerToken = known.msPerToken === 0 ? sample : memory * known.msPerToken + (1 - memory) * sample;
  };
  /** The thread stands still meanwhile, for as long as reading and preparing the weights takes. */
  const openSmall = async (model: WorkerModel, wide: boolean): Promise<Session | undefined> =>
    (await bytesOf(model)) <= mostBytes ? open(model, wide) : undefined;
  const admit = async (model: WorkerModel, known: Known): Promise<void> => {
    const session = await openSmall(model, known.wide).catch(() => undefined);
    if (models.get(model.key) === known) known.state = session ?? 'unusable';
    else await session?.dispose();
  };

  const forget = async (key: string): Promise<void> => {
    const known = models.get(key);
    models.delete(key);
    if (typeof known?.state === 'object') await known.state.dispose();
  };

  return {
    takes(job) {
      const known = models.get(job.model);
      return !job.way && typeof known?.state === 'object' && fits(known, job);
    },
    async run(job) {
      const known = models.get(job.model);
      if (typeof known?.state !== 'object') throw new JobError('lost', 'the model is gone');
      const began = now();
      try {
        const logits = await runBatch(known.state, job);
        const seconds = (now() - began) / 1000;
        learn(known, job, seconds);
        // What came in meanwhile is read before this is answered: so it is seen that this batch was not alone.
        await new Promise(setImmediate);
        return { logits, seconds, wide: known.wide, inline: true };
      } catch (error) {
        throw new JobError('refused', error instanceof Error ? error.message : String(error));
      }
    },
    heard(job, { seconds, wide }, all) {
      const model = all.find(({ key }) => key === job.model);
      if (job.way || !model) return;
      const known: Known = models.get(model.key) ?? { heard: 0, msPerToken: 0, state: 'unopened', wide };
      models.set(model.key, known);
      if (known.state !== 'unopened') return;
      known.wide = wide;
      learn(known, job, seconds);
      if (!fits(known, job) || ++known.heard < patience) return;
      known.state = 'opening';
      setImmediate(() => void admit(model, known)); // once the answer is written
    },
    forget,
    async close() {
      await Promise.all([...models.keys()].map(forget));
    },
  };
}
