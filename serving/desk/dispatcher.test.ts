import { afterEach, expect, test, vi } from 'vitest';
import type { Tokenizer } from '../../models/index.js';
import { WorkerPool } from '../workers/index.js';
import type { ServedModel } from './catalogue.js';
import { createDispatcher } from './dispatcher.js';
import { limitsSchema } from './limits.js';
import { createMetrics } from './metrics/metrics.js';
import { numberModel as model, setUpDispatcher as setUp, shedAt, numberTokenizer as tokenizer } from './testing/fake-desk.js';

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

test('a batch may use every core while no other worker has anything to do, and none beside others', async () => {
  const { dispatcher, jobs, nextJob } = setUp({}, 2);
  const alone = dispatcher.dispatch(model, ['1']);
  await nextJob(1);
  const beside = dispatcher.dispatch(model, ['2']);
  await nextJob(2);
  for (const { answer } of jobs) answer();
  await Promise.all([alone.answers, beside.answers]);
  const list = dispatcher.dispatch(model, ['3', '4']);
  await nextJob(4);
  for (const { answer } of jobs.slice(2)) answer();
  await list.answers;
  expect(jobs.map(({ job }) => job.wide)).toEqual([true, false, false, false]);
});

test('a text is alone when nobody asked beside anybody else for a quarter of a second', async () => {
  const { dispatcher, jobs, clock, nextJob } = setUp({}, 2);
  const ask = async (...texts: readonly string[]) => {
    const answers = texts.map((text) => dispatcher.dispatch(model, [text]).answers);
    const before = jobs.length;
    await nextJob(before + texts.length);
    for (const { answer } of jobs.slice(before)) answer();
    await Promise.all(answers);
  };
  await ask('1');
  await ask('2', '3');
  clock.now = 249;
  await ask('4');
  clock.now = 250;
  await ask('5');
  expect(jobs.map(({ job }) => job.alone)).toEqual([true, false, false, false, true]);
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

test("a text that waits past its deadline, which is its client's less the way of an answer, is given up, whoever asked for how long", async () => {
  const { dispatcher, clock, metrics, nextJob } = setUp({ waitMs: 100 });
  dispatcher.dispatch(model, ['1']).answers.catch(() => {});
  await nextJob(1);
  const late = dispatcher.dispatch(model, ['2']);
  const hurried = dispatcher.dispatch(model, ['3'], { timeoutMs: 40 });
  const patient = dispatcher.dispatch(model, ['4'], { timeoutMs: 1_000 });
  const outcomes = [late, hurried, patient].map(({ answers }) => answers.catch((error: unknown) => error));
  await new Promise(setImmediate);
  clock.now = 39;
  dispatcher.sweep();
  expect(await outcomes[1]).toMatchObject({ code: 'deadline-exceeded', message: expect.stringMatching(/40 ms/) });
  clock.now = 95;
  dispatcher.sweep();
  expect((await metrics.queueTexts.get()).values[0]!.value).toBe(2);
  clock.now = 96;
  dispatcher.sweep();
  for (const outcome of [outcomes[0], outcomes[2]]) expect(await outcome).toMatchObject({ code: 'deadline-exceeded' });
  expect(await shedAt(metrics, 'queue')).toBe(3);
});

test('what cannot be answered in time is refused before it is tokenised: 429 behind others, 503 when it would take too long alone', async () => {
  const { dispatcher, jobs, clock, metrics, nextJob } = setUp();
  for (let i = 1; i <= 5; i++) {
    const measured = dispatcher.dispatch(model, [`${i} 1`]);
    await nextJob(i);
    clock.now += 100;
    jobs[i - 1]!.answer();
    await measured.answers;
  }
  const running = dispatcher.dispatch(model, ['6 1']);
  await nextJob(6);
  const encode = vi.spyOn(tokenizer, 'encode');
  const ask = (timeoutMs: number) => dispatcher.dispatch(model, ['7 1'], { timeoutMs }).answers.catch((error: unknown) => error);
  expect(await ask(150)).toMatchObject({ code: 'queue-full', headers: { 'retry-after': '1' }, message: expect.stringMatching(/150 ms/) });
  expect(await ask(50)).toMatchObject({ code: 'deadline-exceeded', headers: {}, fix: expect.stringMatching(/more time/) });
  expect(encode).not.toHaveBeenCalled();
  encode.mockRestore();
  expect(await shedAt(metrics, 'admission')).toBe(2);
  const accepted = dispatcher.dispatch(model, ['7 1'], { timeoutMs: 350 });
  await new Promise(setImmediate);
  clock.now += 300; // the batch before it took longer than any before
  jobs[5]!.answer();
  await running.answers;
  await expect(accepted.answers).rejects.toMatchObject({ code: 'deadline-exceeded', headers: { 'retry-after': '1' } });
  expect(await shedAt(metrics, 'batch')).toBe(1);
  expect(jobs).toHaveLength(6);
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
  const both: ServedModel = { ...model, manifest: { ...model.manifest, text: { maxTokens: 64, input: 'pair', pairs: 'both-orders' } } };
  const pairTokenizer: Tokenizer = { ...tokenizer, encode: (inputs, most) => tokenizer.encode(inputs.map((one) => [...one].join(' ')), most) }; // biome-ignore format: short
  const pairs = { ...both, tokenizer: pairTokenizer };
  await expect(
    dispatcher.dispatch(pairs, [
      ['1', '2'],
      ['1', '3'],
      ['1', '4'],
    ]).answers,
  ).rejects.toMatchObject({ code: 'queue-full' });
  const request = dispatcher.dispatch(pairs, [['4', '6'], ['1', '7']]); // biome-ignore format: two pairs
  await nextJob(1);
  expect([...jobs[0]!.job.ids]).toEqual([4n, 6n, 6n, 4n, 1n, 7n, 7n, 1n]);
  jobs[0]!.answer();
  const { logits, truncated } = await request.answers;
  expect(logits.map((row) => [...row])).toEqual([[5, 5.5], [4, 4.5]]); // biome-ignore format: two rows
  expect(truncated).toEqual([false, false]);
  const failing = dispatcher.dispatch(pairs, [['5', '6'], ['8', '9']]); // biome-ignore format: two pairs
  const outcome = expect(failing.answers).rejects.toMatchObject({ code: 'model-failed', message: expect.stringMatching(/text 1$/) });
  await nextJob(2);
  jobs[1]!.fail();
  for (let job = 3; job <= 7; job++) {
    await nextJob(job);
    if ([8n, 9n].includes(jobs[job - 1]!.job.ids[0]!)) jobs[job - 1]!.fail();
    else jobs[job - 1]!.answer();
  }
  await outcome;
});

test('with real threads: a text that kills every worker is answered with an error, its neighbours with verdicts', async () => {
  const entry = new URL('../testing/fake-worker.mjs', import.meta.url);
  const pool = new WorkerPool({ size: 2, entry, models: [{ key: model.key, path: '' }], threads: 1, backoff: { first: 1, most: 4 } });
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
