/** @file Jobs whose processes are killed: the server, workers, Redis. Prints what was sent, answered, lost and answered twice. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../serving/testing/free-port.js';
import { writeSampleBundle } from '../serving/testing/sample-bundle.js';
import {
  type Figures,
  figuresOf,
  hasRedis,
  jobOf,
  jobWhen,
  type Running,
  type RunningServer,
  sendJob,
  startRedis,
  startServing,
  startWorking,
  textLines,
} from './job-processes.js';

let home: string;
let bundles: string;
let folder: string;
const processes: Running[] = [];
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-crash-'));
  bundles = await writeSampleBundle({ to: join(home, 'bundles') });
});
beforeEach(async () => {
  folder = await mkdtemp(join(home, 'jobs-'));
});
afterEach(async () => {
  for (const { child, kill } of processes.splice(0)) if (child.exitCode === null && child.signalCode === null) await kill('SIGKILL');
});
afterAll(() => rm(home, { recursive: true }));

async function own<R extends Running>(starting: Promise<R>): Promise<R> {
  const running = await starting;
  processes.push(running);
  return running;
}

const serve = (...more: readonly string[]): Promise<RunningServer> => own(startServing(['--models', bundles, '--jobs', folder, ...more]));

function expectAll(figures: Figures, what: string): void {
  console.log(`${what}: sent ${figures.sent}, answered ${figures.answered}, lost ${figures.lost}, twice ${figures.twice}`);
  expect(figures).toEqual({ sent: figures.sent, answered: figures.sent, lost: 0, twice: 0, inOrder: true });
}

test('a server that is killed twice in mid-job goes on when it is started: nothing is lost, nothing is there twice', async () => {
  const sent = 8_000;
  let server = await serve();
  const { id } = await sendJob(server.url, textLines(sent));
  for (const least of [1_000, 3_000]) {
    await jobWhen(server.url, id, ({ done }) => done >= least);
    await server.kill('SIGKILL');
    server = await serve();
    expect((await jobOf(server.url, id)).state).not.toBe('done');
  }
  expect(await jobWhen(server.url, id, ({ state }) => state === 'done')).toMatchObject({ done: sent, lines: sent, errors: 0 });
  expectAll(await figuresOf(server.url, id, sent), 'server killed twice');
  // Sent again with its key after all that, it is still the same.
  expect((await sendJob(server.url, textLines(sent))).id).toBe(id);
}, 180_000);

describe.skipIf(!hasRedis)('with redis-server, which must be installed for this', () => {
  let redis: Running;
  let url: string;
  let port: number;
  beforeEach(async () => {
    port = await freePort();
    url = `redis://127.0.0.1:${port}`;
    redis = await own(startRedis(folder, port));
  });

  test('of two workers one is killed in mid-job, then the server: nothing is lost, nothing is there twice', async () => {
    const sent = 8_000;
    const [first] = await Promise.all([own(startWorking(bundles, url)), own(startWorking(bundles, url))]);
    let server = await serve('--redis', url);
    const { id } = await sendJob(server.url, textLines(sent));
    await jobWhen(server.url, id, ({ done }) => done >= 1_000);
    await first.kill('SIGKILL');
    await jobWhen(server.url, id, ({ done }) => done >= 3_000);
    await server.kill('SIGKILL');
    server = await serve('--redis', url);
    await jobWhen(server.url, id, ({ state }) => state === 'done');
    expectAll(await figuresOf(server.url, id, sent), 'a worker and the server killed');
  }, 240_000);

  test('Redis is killed and comes back: the job ends complete', async () => {
    const sent = 6_000;
    const server = await serve('--redis', url);
    await own(startWorking(bundles, url));
    const { id } = await sendJob(server.url, textLines(sent));
    await jobWhen(server.url, id, ({ done }) => done >= 1_000);
    await redis.kill('SIGKILL');
    expect((await jobWhen(server.url, id, ({ problem }) => problem !== undefined)).problem).toContain('Redis does not answer');
    await own(startRedis(folder, port));
    await jobWhen(server.url, id, ({ state }) => state === 'done');
    expectAll(await figuresOf(server.url, id, sent), 'Redis killed and started');
  }, 240_000);

  test('Redis is gone for good: the server answers, the job says what is wrong and can be ended', async () => {
    const server = await serve('--redis', url);
    const { id } = await sendJob(server.url, textLines(1_000));
    expect((await jobWhen(server.url, id, ({ problem }) => problem !== undefined)).problem).toMatch(/no worker has the model sample@v1/);
    await redis.kill('SIGKILL');
    expect((await jobWhen(server.url, id, ({ problem = '' }) => problem.includes('Redis'))).state).toBe('running');
    const headers = { 'content-type': 'application/json' };
    const answers = Array.from({ length: 50 }, (_, i) => fetch(`${server.url}/classify`, { method: 'POST', headers, body: JSON.stringify({ text: `still here ${i}` }) })); // biome-ignore format: one line
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(((await (await fetch(`${server.url}/jobs/${id}/cancel`, { method: 'POST' })).json()) as { state: string }).state).toBe(
      'cancelled',
    );
    await server.kill('SIGTERM');
    expect(server.child.exitCode).toBe(0);
  }, 120_000);
});
