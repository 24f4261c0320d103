/** @file The thread in which sessions run: loads every model, warms each up, then answers batches one after another. Models come and go. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant, type Session } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import type { FromWorker, Job, ToWorker, WorkerModel, WorkerSetup } from './messages.js';

invariant(parentPort, 'worker.ts was loaded outside a worker thread');
const port = parentPort;
const say = (message: FromWorker, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(message, [...transfer]);

const sessions = new Map<string, Session>();
let sessionThreads = 1;

port.on('message', (message: ToWorker) => {
  if (message === 'end') process.exit(0); // ends this thread only
  const { id } = message;
  const done = 'job' in message ? answer(id, message.job) : 'load' in message ? load(message.load) : unload(message.unload);
  done.then(
    () => 'job' in message || say({ kind: 'settled', id }),
    (error: unknown) => say({ kind: 'refused', id, message: messageOf(error) }),
  );
});

start(workerData as WorkerSetup).catch((error: unknown) => {
  say({ kind: 'unloadable', message: messageOf(error) });
  port.close();
});

async function start({ models, threads }: WorkerSetup): Promise<void> {
  sessionThreads = threads;
  for (const model of models) await load(model);
  say({ kind: 'ready' });
}

async function load({ key, path }: WorkerModel): Promise<void> {
  await unload(key);
  sessions.set(key, await createSession(path, { threads: sessionThreads, spinning: false }));
  try {
    for (const [batch, tokens] of warmUps) await run(blank(key, batch, tokens));
  } catch (error) {
    await unload(key);
    throw error;
  }
}

async function unload(key: string): Promise<void> {
  const session = sessions.get(key);
  sessions.delete(key);
  await session?.dispose();
}

/** Memory for the usual sizes is claimed before the first caller comes. */
const warmUps = [
  [1, 16],
  [8, 32],
] as const;

async function answer(id: number, job: Job): Promise<void> {
  const began = performance.now();
  const logits = await run(job);
  say({ kind: 'done', id, logits, seconds: (performance.now() - began) / 1000 }, [logits.buffer]);
}

async function run({ model, batch, tokens, ids, mask, types }: Job): Promise<Float32Array<ArrayBuffer>> {
  const session = sessions.get(model);
  invariant(session, `worker: no model ${model}`);
  const dims = [batch, tokens];
  const outputs = await session.run({
    input_ids: { type: 'int64', dims, data: ids },
    attention_mask: { type: 'int64', dims, data: mask },
    token_type_ids: { type: 'int64', dims, data: types },
  });
  const logits = outputs.logits?.data;
  invariant(logits instanceof Float32Array, `worker: ${model} has no float32 output named logits`);
  return new Float32Array(logits); // [batch, labels], in a buffer of its own that can be transferred
}

function blank(model: string, batch: number, tokens: number): Job {
  const zeros = (): BigInt64Array<ArrayBuffer> => new BigInt64Array(batch * tokens);
  return { model, batch, tokens, ids: zeros(), mask: zeros().fill(1n), types: zeros() };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
