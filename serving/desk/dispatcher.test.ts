import { afterEach, expect, test, vi } from 'vitest';
import type { Manifest, Tokenizer } from '../../models/index.js';
import { type Job, type JobResult, WorkerPool } from '../workers/index.js';
import type { ServedModel } from './catalogue.js';
import { createDispatcher, type Runner } from './dispatcher.js';
import { limitsSchema } from './limits.js';
import { createMetrics } from './metrics.js';

/** Texts are written as numbers: `'1 2 3'` has the ids 1, 2, 3. */
const tokenizer: Tokenizer = {
  vocabularySize: 1_000,
  padId: 0,
  encode: async (inputs) =>
    inputs.map((input) => {
      const ids = String(input).split(' ').map(Number);
      return { ids, types: ids.map(() => 0), truncated: false };
    }),
};
const manifest = { name: 'm', version: '1', text: { maxTokens: 64, input: 'any', pairs: 'as-given' } } as Manifest;
const model: ServedModel = { key: 'm@1', manifest, folder: '', modelPath: '', tokenizer };

/** Workers that answer when they are told to. */
function fakeRunner(size: number) {
  const jobs: { readonly job: Job; answer(): void; fail(): void }[] = [];
  let free = size;
  const runner: Runner = {
    size,
    get free() {
      return free;
    },
    onFree: () => {},
    run(job) {
      free--;
      return new Promise<JobResult>((resolve, reject) => {
        const end = (settle: () => void): void => {
          free++;
          settle();
          runner.onFree();
        };
        const logits = Float32Array.from({ length: job.batch * 2 }, (_, i) => Number(job.ids[(i >> 1) * job.tokens]) + (i % 2) / 2);
        jobs.push({ job, answer: () => end(() => resolve({ logits, seconds: 0.01 })), fail: () => end(() => reject(new Error('lost'))) });
      });
    },
  };
  return { runner, jobs };
}

function setUp(limits: Record<string, number> = {}, size = 1) {
  const { runner, jobs } = fakeRunner(size);
  const clock = { now: 0 };
  const failures: unknown[] = [];
  const metrics = createMetrics();
  const dispatcher = createDispatcher({
    pool: runner,
    limits: limitsSchema.parse(limits),
    metrics,
    now: () => clock.now,
    onFailure: (failure) => failures.push(failure),
  });
  const nextJob = (count: number) => vi.waitFor(() => expect(jobs.length).toBe(count), { interval: 1 });
  return { dispatcher, jobs, clock, failures, metrics, nextJob };
}

const pools: WorkerPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

test('texts of different requests run in one batch, and each request gets its own rows in order', async () => {
  const { dispatcher, jobs, nextJob } = setUp();
  const first = dispatcher.dispatch(model, ['7 7']);
  await nextJob(1);
  const second = dispatcher.dispatch(model, ['1 1', '2 2']);
  const third = dispatcher.dispatch(model, ['3 3']);
  await new Promise(setImmediate);
  jobs[0]!.answer();
  await nextJob(2);
  expect(jobs[1]!.job.batch).toBe(3);
  jobs[1]!.answer();
  expect((await first.answers).logits.map((row) => [...row])).toEqual([[7, 7.5]]);
  expect((await second.answers).logits.map((row) => [...row])).toEqual([
    [1, 1.5],
    [2, 2.5],
  ]);
  expect((await third.answers).logits.map((row) => [...row])).toEqual([[3, 3.5]]);
});

test('a full queue refuses at once, with the time after which to come again, and keeps what it has', async () => {
  const { dispatcher, jobs, nextJob } = setUp({ queueTexts: 2, texts: 2 });
  const running = dispatcher.dispatch(model, ['1']);
  await nextJob(1);
  const waiting = dispatcher.dispatch(model, ['2', '3']);
  await new Promise(setImmediate);
  await expect(dispatcher.dispatch(model, ['4']).answers).rejects.toMatchObject({ code: 'queue-full', headers: { 'retry-after': '1' } });
  jobs[0]!.answer();
  await running.answers;
  await nextJob(2);
  jobs[1]!.answer();
  expect((await waiting.answers).logits).toHaveLength(2);
});

test('the texts of a client that went away are not run', async () => {
  const { dispatcher, jobs, nextJob } = setUp();
  const running = dispatcher.dispatch(model, ['1']);
  await nextJob(1);
  const gone = dispatcher.dispatch(model, ['2']);
  const stays = dispatcher.dispatch(model, ['3']);
  const early = dispatcher.dispatch(model, ['4']);
  const outcomes = [gone, early].map(({ answers }) => expect(answers).rejects.toThrow('the client has gone'));
  early.cancel();
  await new Promise(setImmediate);
  gone.cancel();
  await Promise.all(outcomes);
  jobs[0]!.answer();
  await running.answers;
  await nextJob(2);
  expect([...jobs[1]!.job.ids]).toEqual([3n]);
  jobs[1]!.answer();
  await stays.answers;
});

test('a text that waits past its deadline is given up', async () => {
  const { dispatcher, clock, nextJob } = setUp({ waitMs: 100 });
  dispatcher.dispatch(model, ['1']).answers.catch(() => {});
  await nextJob(1);
  const late = dispatcher.dispatch(model, ['2']);
  await new Promise(setImmediate);
  clock.now = 100;
  dispatcher.sweep();
  clock.now = 101;
  const outcome = expect(late.answers).rejects.toMatchObject({ code: 'deadline-exceeded' });
  dispatcher.sweep();
  await outcome;
});

test('the texts of a failed batch run again one by one, and are answered', async () => {
  const { dispatcher, jobs, failures, nextJob } = setUp();
  const request = dispatcher.dispatch(model, ['1', '2']);
  await nextJob(1);
  jobs[0]!.fail();
  for (const count of [2, 3]) {
    await nextJob(count);
    expect(jobs[count - 1]!.job.batch).toBe(1);
    jobs[count - 1]!.answer();
  }
  expect((await request.answers).logits.map((row) => row[0])).toEqual([1, 2]);
  expect(failures).toHaveLength(1);
});

test('a pair in both orders takes two places and comes back as one row, the mean; a fault names the text', async () => {
  const { dispatcher, jobs, nextJob } = setUp({ queueTexts: 5 });
  const both: ServedModel = { ...model, manifest: { ...manifest, text: { maxTokens: 64, input: 'pair', pairs: 'both-orders' } } };
  const pairTokenizer: Tokenizer = { ...tokenizer, encode: (inputs, most) => tokenizer.encode(inputs.map((one) => [...one].join(' ')), most) }; // biome-ignore format: short
  const pairs = { ...both, tokenizer: pairTokenizer };
  await expect(dispatcher.dispatch(pairs, Array(3).fill(['1', '2'])).answers).rejects.toMatchObject({ code: 'queue-full' });
  const request = dispatcher.dispatch(pairs, [['4', '4'], ['1', '7']]); // biome-ignore format: two pairs
  await nextJob(1);
  expect([...jobs[0]!.job.ids]).toEqual([4n, 4n, 4n, 4n, 1n, 7n, 7n, 1n]);
  jobs[0]!.answer();
  const { logits, truncated } = await request.answers;
  expect(logits.map((row) => [...row])).toEqual([[4, 4.5], [4, 4.5]]); // biome-ignore format: two rows
  expect(truncated).toEqual([false, false]);
  const failing = dispatcher.dispatch(pairs, [['5', '6'], ['8', '9']]); // biome-ignore format: two pairs
  const outcome = expect(failing.answers).rejects.toMatchObject({ code: 'model-failed', message: expect.stringMatching(/text 1$/) });
  await nextJob(2);
  jobs[1]!.fail();
  for (let job = 3; job <= 6; job++) {
    await nextJob(job);
    if ([8n, 9n].includes(jobs[job - 1]!.job.ids[0]!)) jobs[job - 1]!.fail();
    else jobs[job - 1]!.answer();
  }
  await outcome;
});

test('with real threads: a text that kills every worker is answered with an error, its neighbours with verdicts', async () => {
  const entry = new URL('../testing/fake-worker.mjs', import.meta.url);
  const pool = new WorkerPool({ size: 2, entry, models: [], threads: 1, backoff: { first: 1, most: 4 } });
  pools.push(pool);
  await pool.ready;
  const dispatcher = createDispatcher({
    pool,
    limits: limitsSchema.parse({}),
    metrics: createMetrics(),
    now: () => performance.now(),
    onFailure: () => {},
  });
  const texts = ['1 1', '901 1', '2 2', '3 3', '904 1', '4 4'];
  const outcomes = await Promise.allSettled(texts.map((text) => dispatcher.dispatch(model, [text]).answers));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({ reason: { code: 'model-failed', message: expect.stringMatching(/text 0/) } });
  await vi.waitFor(() => expect(pool.alive).toBe(2), 10_000);
});
