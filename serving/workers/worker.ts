/** @file The thread in which sessions run: loads every model, warms each up, then answers batches one after another. Models come and go. */
import { parentPort, workerData } from 'node:worker_threads';
import { hashFile } from '../../models/bundle/node.js';
import { invariant, type Provider, runPath, type Session, UsageError } from '../../models/index.js';
import { createSession, openWitnessed } from '../../models/runtime/node.js';
import { createExplainSessions } from './explain-sessions.js';
import { giveWay } from './give-way.js';
import type { FromWorker, Job, Opened, Request, ToWorker, Way, WorkerModel, WorkerSetup } from './messages.js';
import { runBatch } from './run-batch.js';
import { openWide } from './wide-session.js';

invariant(parentPort, 'worker.ts was loaded outside a worker thread');
const port = parentPort;
const say = (message: FromWorker, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(message, [...transfer]);

const sessions = new Map<string, Session>();
const wideSessions = new Map<string, Session>();
const explainSessions = createExplainSessions({
  open: (path) => createSession(path, { providers: sessionProviders, threads: sessionThreads, spinning: false }),
  hash: hashFile,
});
let sessionThreads = 1;
let wideThreads = 1;
let sessionProviders: readonly Provider[] = ['cpu'];

port.on('message', (message: ToWorker) => {
  if (message === 'end') process.exit(0); // ends this thread only
  const { id } = message;
  carryOut(message).then(
    (opened) => 'job' in message || say({ kind: 'settled', id, ...(opened ? { opened } : {}) }),
    (error: unknown) => say({ kind: 'refused', id, message: messageOf(error) }),
  );
});

function carryOut(message: Request & { readonly id: number }): Promise<Opened | undefined> {
  if ('job' in message) return answer(message.id, message.job);
  if ('load' in message) return load(message.load);
  return 'widen' in message ? widen(message.widen) : unload(message.unload);
}

giveWay();
start(workerData as WorkerSetup).catch((error: unknown) => {
  say({ kind: 'unloadable', ...described(error) });
  port.close();
});

async function start({ models, threads, providers = sessionProviders, ...setup }: WorkerSetup): Promise<void> {
  sessionThreads = threads;
  wideThreads = setup.wideThreads ?? threads;
  sessionProviders = providers;
  const opened: Opened[] = [];
  for (const model of models) opened.push(await load(model));
  say({ kind: 'ready', opened });
}

async function load({ key, path, explain }: WorkerModel): Promise<Opened> {
  await unload(key);
  const options = { providers: sessionProviders, threads: sessionThreads, spinning: false };
  const { session, placement } = await openWitnessed(path, options, async (session) => {
    for (const [batch, tokens] of warmUps) await runBatch(session, blank(key, batch, tokens));
  });
  sessions.set(key, session);
  if (explain) explainSessions.know(key, explain);
  return { key, provider: session.provider, fallbacks: session.fallbacks, placement };
}

/** While no other worker runs anything: it is measured whether it helps. */
async function widen({ key, path }: WorkerModel): Promise<undefined> {
  const session = sessions.get(key);
  if (session?.provider !== 'cpu' || wideThreads <= sessionThreads) return;
  const open = () => createSession(path, { threads: wideThreads, spinning: 'running' });
  const wide = await openWide(session, { open, tryOut: (one) => runBatch(one, blank(key, 1, 32)), now: () => performance.now() });
  if (wide) wideSessions.set(key, wide);
  return undefined;
}

async function unload(key: string): Promise<undefined> {
  for (const held of [sessions, wideSessions]) {
    const session = held.get(key);
    held.delete(key);
    await session?.dispose();
  }
  await explainSessions.forget(key);
  return undefined;
}

/** Memory for the usual sizes is claimed before the first caller comes. */
const warmUps = [
  [1, 16],
  [8, 32],
] as const;

async function answer(id: number, job: Job): Promise<undefined> {
  const began = performance.now();
  if (job.way) return explain(id, job, job.way);
  const wide = job.wide ? wideSessions.get(job.model) : undefined;
  const session = wide ?? sessions.get(job.model);
  invariant(session, `worker: no model ${job.model}`);
  const logits = await runBatch(session, job);
  say({ kind: 'done', id, logits, seconds: (performance.now() - began) / 1000, wide: wide !== undefined }, [logits.buffer]);
  return undefined;
}

async function explain(id: number, job: Job, way: Way): Promise<undefined> {
  const { session, cold } = await explainSessions.of(job.model);
  const began = performance.now();
  const rows = await runPath(session, { ...job, ...way });
  say({ kind: 'done', id, logits: rows, seconds: (performance.now() - began) / 1000, wide: false, cold }, [rows.buffer]);
  return undefined;
}

function blank(model: string, batch: number, tokens: number): Job {
  const zeros = (): BigInt64Array<ArrayBuffer> => new BigInt64Array(batch * tokens);
  return { model, batch, tokens, ids: zeros(), mask: zeros().fill(1n), types: zeros() };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function described(error: unknown): { readonly message: string; readonly fix: string } {
  const checkBundle = 'check the bundle with `copydesk verify`.';
  if (!(error instanceof UsageError)) return { message: messageOf(error), fix: checkBundle };
  const message = error.message.slice(0, -` Fix: ${error.fix}`.length);
  return { message, fix: error.code === 'runtime/provider' ? mendProvider : checkBundle };
}

const mendProvider = 'let cpu be the last one (--providers cuda,cpu), or see with `copydesk doctor` what is missing here.';
