/** @file Servers, workers and a Redis of a test's own, as processes that can be killed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { Job } from '../serving/index.js';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export type Running = { readonly child: ChildProcess; kill(signal: NodeJS.Signals): Promise<void> };
export type RunningServer = Running & { readonly url: string };

/** @param ready what it prints when it is; its first group is the result */
async function start(command: string, args: readonly string[], ready: RegExp): Promise<Running & { readonly said: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let all = '';
  const said = await new Promise<string>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      all += chunk.toString();
      const found = ready.exec(all);
      if (found) resolve(found[1] ?? '');
      if (all.length > 100_000) all = all.slice(-10_000);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('error', reject).once('close', (code) => reject(new Error(`${command} ended with ${code}: ${all.slice(-2_000)}`)));
  });
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await closed;
  };
  return { child, kill, said };
}

const copydesk = (args: readonly string[], ready: RegExp) => start(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], ready);

export async function startServing(args: readonly string[]): Promise<RunningServer> {
  const all = ['serve', '--port', '0', '--workers', '1', '--log', 'error', ...args];
  const running = await copydesk(all, /Serving .* at (http:\S+)/);
  return { ...running, url: running.said };
}

export const startWorking = (models: string, redis: string): Promise<Running> =>
  copydesk(['work', '--models', models, '--redis', redis, '--workers', '1'], /"a chunk is answered"|Working with/);

/** Writes down every command before it answers it: what it said it has, it has. */
export function startRedis(folder: string, port: number): Promise<Running> {
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--save',
    '',
  ];
  return start('redis-server', args, /Ready to accept connections/);
}

export const textLines = (count: number): string =>
  Array.from(
    { length: count },
    (_, id) => `${JSON.stringify({ text: `Line ${id} of ${'the harbour wall '.repeat(1 + (id % 4))}`, id })}\n`,
  ).join('');

export async function sendJob(url: string, body: string): Promise<Job> {
  const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'the only one' };
  const response = await fetch(`${url}/jobs`, { method: 'POST', headers, body });
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Job;
}

export const jobOf = async (url: string, id: string): Promise<Job> => (await fetch(`${url}/jobs/${id}`)).json() as Promise<Job>;

/** Looks until it is as wanted. */
export async function jobWhen(url: string, id: string, wanted: (job: Job) => boolean, seconds = 120): Promise<Job> {
  for (let left = seconds * 50; ; left--) {
    const job = await jobOf(url, id);
    if (wanted(job)) return job;
    if (left === 0 || job.state === 'failed') throw new Error(`it is ${JSON.stringify(job)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export type Figures = {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  readonly twice: number;
  readonly inOrder: boolean;
};

/** Of the result: every text has the number that it was sent with. */
export async function figuresOf(url: string, id: string, sent: number): Promise<Figures> {
  const text = await (await fetch(`${url}/jobs/${id}/result`)).text();
  const ids = text.trimEnd().split('\n').map((line) => JSON.parse(line) as { id: number; label: string }).map((line) => line.id); // biome-ignore format: one step
  const distinct = new Set(ids).size;
  const inOrder = ids.every((one, i) => i === 0 || one > ids[i - 1]!);
  return { sent, answered: ids.length, lost: sent - distinct, twice: ids.length - distinct, inOrder };
}
