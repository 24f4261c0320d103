import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Job } from './messages.js';
import { type PoolEvent, type PoolOptions, WorkerPool } from './pool.js';

const entry = new URL('../testing/fake-worker.mjs', import.meta.url);
const pools: WorkerPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

async function start(options: Partial<PoolOptions> = {}) {
  const events: PoolEvent[] = [];
  const pool = new WorkerPool({
    size: 2,
    entry,
    models: [],
    threads: 1,
    backoff: { first: 1, most: 8 },
    on: (event) => events.push(event),
    ...options,
  });
  pools.push(pool);
  await pool.ready;
  return { pool, events };
}

const of = (model: string, one: Job): Job => ({ ...one, model });

function job(...ids: readonly number[]): Job {
  const array = (values: readonly number[]) => BigInt64Array.from(values, BigInt);
  return { model: 'm', batch: 1, tokens: ids.length, ids: array(ids), mask: array(ids.map(() => 1)), types: array(ids.map(() => 0)) };
}

test('a batch comes back as logits, and its worker is free again', async () => {
  const { pool } = await start();
  expect([pool.size, pool.free, pool.alive]).toEqual([2, 2, 2]);
  const running = pool.run(job(1, 2, 3));
  expect(pool.free).toBe(1);
  expect([...(await running).logits]).toEqual([6, 3]);
  expect(pool.free).toBe(2);
});

test('with no worker free, a batch is refused at once', async () => {
  const { pool } = await start({ size: 1, hangMs: 60_000 });
  const hanging = pool.run(job(903)).catch(() => 'closed');
  await expect(pool.run(job(1))).rejects.toThrow('no worker is free');
  await pool.close();
  expect(await hanging).toBe('closed');
});

test.each([
  ['ends', 901, 60_000, /code 7/],
  ['throws', 902, 60_000, /thrown on purpose/],
  ['hangs', 903, 500, /no answer within 500 ms/],
])('a worker that %s gives its batch back and is replaced', async (_what, token, hangMs, reason) => {
  const { pool, events } = await start({ hangMs });
  await expect(pool.run(job(token))).rejects.toMatchObject({ name: 'JobError', reason: 'lost', message: expect.stringMatching(reason) });
  await vi.waitFor(() => expect(pool.alive).toBe(2), 10_000);
  expect(events.map(({ kind }) => kind)).toEqual(['lost', 'restarted']);
  expect([...(await pool.run(job(5))).logits]).toEqual([5, 1]);
});

test('a batch that the session refuses costs no worker', async () => {
  const { pool, events } = await start();
  await expect(pool.run(job(904))).rejects.toMatchObject({ reason: 'refused' });
  expect([pool.free, events.length]).toEqual([2, 0]);
});

test('losses in a row are answered with longer waits, and a success shortens them again', async () => {
  const { pool, events } = await start({ size: 1 });
  for (let i = 0; i < 3; i++) {
    await pool.run(job(901)).catch(() => {});
    await vi.waitFor(() => expect(pool.free).toBe(1), 10_000);
  }
  await pool.run(job(1));
  await pool.run(job(901)).catch(() => {});
  expect(events.flatMap((event) => (event.kind === 'lost' ? [event.restartMs] : []))).toEqual([1, 2, 4, 1]);
});

test('a model that cannot be loaded is an error that names it', async () => {
  const models = [{ key: 'm@1', path: '/nowhere/model.onnx' }];
  const pool = new WorkerPool({ size: 1, models, threads: 1 });
  pools.push(pool);
  await expect(pool.ready).rejects.toMatchObject({ code: 'serving/start', message: expect.stringMatching(/nowhere\/model\.onnx.*Fix:/) });
});

test('closing rejects what still runs and starts nothing anew', async () => {
  const { pool, events } = await start({ size: 1 });
  const running = pool.run(job(903));
  const outcome = expect(running).rejects.toThrow('the pool is closed');
  await pool.close();
  await outcome;
  expect([pool.alive, events.length]).toEqual([0, 0]);
});

describe('models come and go', () => {
  const a = { key: 'a@1', path: 'good' };

  test('a model is loaded into every thread, one after another, while the others answer', async () => {
    const { pool } = await start();
    const seen: number[] = [];
    pool.onFree = () => seen.push(pool.free);
    await pool.load(a, async (run) => {
      seen.push(pool.free);
      expect([...(await run(of('a@1', job(2, 3)))).logits]).toEqual([5, 2]);
      expect([...(await pool.run(job(1))).logits]).toEqual([1, 1]);
    });
    expect(Math.min(...seen)).toBe(1);
    const answers = await Promise.all([pool.run(of('a@1', job(4))), pool.run(of('a@1', job(5)))]);
    expect(answers.map(({ logits }) => logits[0])).toEqual([4, 5]);
  });

  test('a thread that is replaced has it too, until it is let go', async () => {
    const { pool } = await start({ size: 1 });
    await pool.load(a);
    await pool.run(job(901)).catch(() => {});
    await vi.waitFor(() => expect(pool.free).toBe(1), 10_000);
    expect([...(await pool.run(of('a@1', job(4)))).logits]).toEqual([4, 1]);
    await pool.unload('a@1');
    await expect(pool.run(of('a@1', job(4)))).rejects.toThrow('no model a@1');
    await pool.run(job(901)).catch(() => {});
    await vi.waitFor(() => expect(pool.free).toBe(1), 10_000);
    await expect(pool.run(of('a@1', job(4)))).rejects.toThrow('no model a@1');
  });

  test.each([
    ['cannot be loaded', { key: 'a@1', path: 'bad' }, undefined, /cannot be loaded/],
    ['ends the thread, each time', { key: 'a@1', path: 'fatal' }, undefined, /ended with code 8/],
    ['does not pass', a, () => Promise.reject(new Error('other answers')), /other answers/],
  ])('one that %s stays out, and the others go on', async (_what, model, check, message) => {
    const { pool } = await start();
    await expect(pool.load(model, check)).rejects.toThrow(message);
    await vi.waitFor(() => expect(pool.free).toBe(2), 10_000);
    for (const one of await Promise.allSettled([pool.run(of('a@1', job(4))), pool.run(of('a@1', job(5)))]))
      expect(one).toMatchObject({ status: 'rejected', reason: { message: 'no model a@1' } });
    expect([...(await pool.run(job(4))).logits]).toEqual([4, 1]);
  });

  test('a batch that runs is finished first', async () => {
    const { pool } = await start({ size: 1 });
    const running = pool.run(job(7));
    const loading = pool.load(a);
    expect([...(await running).logits]).toEqual([7, 1]);
    await loading;
    expect(pool.free).toBe(1);
  });

  test('closing ends a load that waits', async () => {
    const { pool } = await start({ size: 1 });
    const running = pool.run(job(903)).catch(() => 'closed');
    const loading = expect(pool.load(a)).rejects.toThrow('the pool is closed');
    await pool.close();
    await loading;
    expect(await running).toBe('closed');
  });
});
