import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../testing/free-port.js';
import { classify, type Reply } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { type RunningServer, startServer } from './start-server.js';

/** Large enough that a text takes some milliseconds: work is then under way when a fault strikes. */
let folder: string;
beforeAll(async () => {
  folder = await writeSampleBundle({ architecture: { width: 128, layers: 6, intermediate: 512, heads: 4 } });
});
afterAll(() => rm(folder, { recursive: true }));

const servers: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
async function start(limits: Record<string, number> = {}): Promise<RunningServer> {
  const server = await startServer({ models: [folder], port: 0, workers: 2, limits, logLevel: 'silent' });
  servers.push(server);
  return server;
}

const metricsOf = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();
const text = (i: number): string => `${'The council voted on Tuesday to repair the harbour wall '.repeat(4)}${i}`;
const statuses = (replies: readonly Reply[]): readonly number[] => [...new Set(replies.map(({ status }) => status))].sort();

/** A message that no worker understands: the exception ends its thread, and with it the batch it had. */
const poison = null;

test('workers that die under load: every request is answered with a verdict, and the workers come back', async () => {
  const server = await start();
  const losses = async (): Promise<number> => Number(/^copydesk_worker_losses_total (\d+)/m.exec(await metricsOf(server.url))?.[1]);
  const requests = Array.from({ length: 80 }, (_, i) => classify(server.url, { text: text(i) }));
  await vi.waitFor(() => expect(server.pool.free).toBe(0), { interval: 1, timeout: 10_000 });
  for (const worker of server.pool.workers()) worker.postMessage(poison);
  expect(statuses(await Promise.all(requests))).toEqual([200]);
  expect(await losses()).toBe(2);
  await vi.waitFor(() => expect(server.pool.alive).toBe(2), 20_000);
  expect((await classify(server.url, { text: 'calm again' })).status).toBe(200);
});

test('overload: some are refused with the time to come again, all others are answered', async () => {
  const server = await start({ queueTexts: 6, texts: 6 });
  const replies = await Promise.all(Array.from({ length: 120 }, (_, i) => classify(server.url, { text: text(i) })));
  expect(statuses(replies)).toEqual([200, 429]);
  for (const { status, headers, body } of replies) {
    if (status !== 429) continue;
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(body).toMatchObject({ error: { code: 'queue-full' } });
  }
  expect((await classify(server.url, { text: 'calm again' })).status).toBe(200);
});

test('hardly any time: what cannot be answered in it is refused without being computed, the rest is answered', async () => {
  const server = await start();
  for (let i = 0; i < 5; i++) await classify(server.url, { text: text(i) });
  // Behind a long list of the same client, so that it is the list and not the speed of the machine that leaves no time.
  const list = classify(server.url, { texts: Array.from({ length: 250 }, (_, i) => text(1_000 + i)) });
  await vi.waitFor(() => expect(server.pool.free).toBe(0), { interval: 1, timeout: 10_000 });
  const hurried = Array.from({ length: 120 }, (_, i) => classify(server.url, { text: text(100 + i), timeout_ms: 20 }));
  const byHeader = classify(server.url, { text: text(300), timeout_ms: 10_000 }, { 'x-copydesk-timeout-ms': '1' });
  const patient = classify(server.url, { text: text(301) });
  const refused = (await Promise.all([...hurried, byHeader])).filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(60);
  for (const { status, body } of refused) expect([429, 503], JSON.stringify(body)).toContain(status);
  expect([(await list).status, (await patient).status]).toEqual([200, 200]);
  const shed = [...(await metricsOf(server.url)).matchAll(/^copydesk_texts_shed_total\{stage="\w+"\} (\d+)$/gm)];
  expect(shed.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(refused.length);
});

test('clients that go away leave nothing behind in the queue, and the others are answered', async () => {
  const server = await start();
  const stay = Array.from({ length: 10 }, (_, i) => classify(server.url, { text: text(i) }));
  const leavers = Array.from({ length: 10 }, (_, n) => {
    const leaver = request(`${server.url}/classify`, { method: 'POST', headers: { 'content-type': 'application/json' } });
    leaver.on('error', () => {});
    leaver.end(JSON.stringify({ texts: Array.from({ length: 30 }, (_, i) => text(1_000 + 30 * n + i)) }));
    return leaver;
  });
  const half = request(`${server.url}/classify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 1_000 },
  });
  half.on('error', () => {}).write('{"text": "never fini');
  const metric = async (name: string): Promise<number> => {
    return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(await metricsOf(server.url))?.[1]);
  };
  await vi.waitFor(async () => expect(await metric('copydesk_queue_texts')).toBeGreaterThan(50), 10_000);
  for (const leaver of [...leavers, half]) leaver.destroy();
  expect(statuses(await Promise.all(stay))).toEqual([200]);
  await vi.waitFor(async () => expect(await metric('copydesk_queue_texts')).toBe(0), 10_000);
  await vi.waitFor(async () => expect(await metric('copydesk_in_flight_requests')).toBe(1), 10_000); // the question itself
  expect(await metric('copydesk_requests_abandoned_total')).toBeGreaterThan(0);
});

test('SIGTERM under load: accepted work is answered, new work refused, the process ends with 0', async () => {
  const { child, url } = await startProcess();
  const ended = once(child, 'exit');
  const agent = new Agent({ keepAlive: true });
  await send(`${url}/health/live`, agent);
  const clients = startClients(url);
  await inFlight(url, 10);
  clients.stop();
  child.kill('SIGTERM');
  await vi.waitFor(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(503), { timeout: 5_000, interval: 1 });
  const late = await classify(url, { text: 'too late' });
  expect(late).toMatchObject({ status: 503, body: { error: { code: 'draining' } } });
  expectDrained(await clients.outcomes);
  expect((await ended)[0]).toBe(0);
  await expect(send(`${url}/health/live`, agent)).rejects.toThrow();
  agent.destroy();
});

test('a server killed outright: no client waits for ever, none gets half an answer, and the next server answers at once', async () => {
  const { child, url } = await startProcess();
  const ended = once(child, 'exit');
  const clients = startClients(url);
  await inFlight(url, 10);
  child.kill('SIGKILL');
  const outcomes = await clients.outcomes;
  expect(outcomes.map((replies) => replies.at(-1))).toEqual(outcomes.map(() => 'cut off'));
  for (const reply of outcomes.flatMap((replies) => replies.slice(0, -1)))
    expect(reply).toMatchObject({ status: 200, body: { results: expect.any(Array) } });
  expect((await ended)[1]).toBe('SIGKILL');
  const next = await start();
  expect((await classify(next.url, { text: 'calm again' })).status).toBe(200);
});

test('a draining server says so before its port closes', async () => {
  const server = await start();
  const clients = startClients(server.url);
  await inFlight(server.url, 10);
  clients.stop();
  const closing = server.close();
  const health = await fetch(`${server.url}/health/ready`);
  expect([health.status, await health.json()]).toEqual([503, { ready: false, draining: true }]);
  expect(health.headers.get('connection')).toBe('close');
  expect(await classify(server.url, { text: 'too late' })).toMatchObject({ status: 503, body: { error: { code: 'draining' } } });
  expectDrained(await clients.outcomes);
  await closing;
  expect(server.pool.alive).toBe(0);
});

test('told to end while models are still loaded, the program ends at once and without complaint', async () => {
  const program = await startProgram();
  await vi.waitFor(() => fetch(`${program.url}/health/live`), { timeout: 30_000, interval: 5 });
  await program.endsWell();
});

test('told to end with everything turned on, the program ends without complaint', async () => {
  const kept = await mkdtemp(join(tmpdir(), 'copydesk-kept-'));
  const program = await startProgram('--review', join(kept, 'review.db'), '--jobs', join(kept, 'jobs'));
  await vi.waitFor(async () => expect((await fetch(`${program.url}/health/ready`)).status).toBe(200), { timeout: 60_000, interval: 50 });
  expect((await classify(program.url, { text: text(1) })).status).toBe(200);
  await program.endsWell();
  await rm(kept, { recursive: true });
});

/** The program itself, as `copydesk serve` starts it. */
async function startProgram(...more: readonly string[]): Promise<{ url: string; endsWell(): Promise<void> }> {
  const port = await freePort();
  const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
  const args = ['serve', '--models', folder, '--port', String(port), '--log', 'warn', ...more];
  const child = fork(main, args, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'exit');
  return {
    url: `http://127.0.0.1:${port}`,
    async endsWell() {
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      expect(stderr).not.toMatch(/error|Error|Fix:/);
    },
  };
}

/** A server in a process of its own, ready. */
async function startProcess(): Promise<{ child: ChildProcess; url: string }> {
  const entry = new URL('../bench/server.ts', import.meta.url);
  const child = fork(entry, [folder], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return { child, url };
}

/** Waits until the server has at least so many requests in hand. */
async function inFlight(url: string, atLeast: number): Promise<void> {
  const question = 1;
  await vi.waitFor(
    async () => {
      const [, count] = /^copydesk_in_flight_requests (\d+)$/m.exec(await metricsOf(url)) ?? [];
      expect(Number(count) - question).toBeGreaterThanOrEqual(atLeast);
    },
    { timeout: 10_000, interval: 1 },
  );
}

type Outcome = Reply | 'cut off';

/** Thirty clients, each of which asks again at once until it is stopped, refused or cut off, so that work is in hand whenever a fault strikes. */
function startClients(url: string): { stop(): void; readonly outcomes: Promise<readonly (readonly Outcome[])[]> } {
  let stopped = false;
  const ask = async (client: number): Promise<readonly Outcome[]> => {
    const replies: Outcome[] = [];
    do {
      const texts = Array.from({ length: 15 }, (_, i) => text(10_000 * client + 15 * replies.length + i));
      replies.push(await classify(url, { texts }).catch(() => 'cut off' as const));
    } while (!stopped && replies.at(-1) !== 'cut off' && (replies.at(-1) as Reply).status === 200);
    return replies;
  };
  return {
    stop: () => {
      stopped = true;
    },
    outcomes: Promise.all(Array.from({ length: 30 }, (_, client) => ask(client))),
  };
}

/** Every request was answered: those in hand with verdicts, later ones with a refusal that says why. */
function expectDrained(outcomes: readonly (readonly Outcome[])[]): void {
  expect(outcomes.filter((replies) => (replies.at(-1) as Reply).status === 200).length).toBeGreaterThanOrEqual(10);
  for (const reply of outcomes.flat()) {
    if (reply !== 'cut off' && reply.status === 200) expect(reply.body).toHaveProperty('results.length', 15);
    else expect(reply).toMatchObject({ body: { error: { code: 'draining' } } });
  }
}

function send(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', reject)
      .end();
  });
}
