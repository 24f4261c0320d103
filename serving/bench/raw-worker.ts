/** @file ONNX Runtime with nothing around it but a loop: one session in this thread runs prepared batches for a while. */
import { parentPort, workerData } from 'node:worker_threads';
import { median } from '../../models/bench/node.js';
import { invariant, type TokenBatch } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';

export type RawSetup = { readonly path: string; readonly threads: number };
export type RawOrder = { readonly batches: readonly TokenBatch[]; readonly seconds: number };
export type RawReport = { readonly texts: number; readonly seconds: number; readonly p50Ms: number };

invariant(parentPort, 'raw-worker.ts was loaded outside a worker thread');
const port = parentPort;
const { path, threads } = workerData as RawSetup;
const session = await createSession(path, { threads, spinning: threads > 1 });

port.on('message', async ({ batches, seconds: duration }: RawOrder) => {
  const feeds = batches.map(({ batch, tokens, ids, mask, types }) => {
    const tensor = (data: BigInt64Array) => ({ type: 'int64' as const, dims: [batch, tokens], data });
    return { input_ids: tensor(ids), attention_mask: tensor(mask), token_type_ids: tensor(types) };
  });
  await session.run(feeds[0]!);
  let texts = 0;
  const took: number[] = [];
  const began = performance.now();
  for (let i = 0; performance.now() - began < duration * 1000; i = (i + 1) % feeds.length) {
    const sent = performance.now();
    await session.run(feeds[i]!);
    took.push(performance.now() - sent);
    texts += batches[i]!.batch;
  }
  const seconds = (performance.now() - began) / 1000;
  port.postMessage({ texts, seconds, p50Ms: median(took) } satisfies RawReport);
});
port.postMessage('ready');
