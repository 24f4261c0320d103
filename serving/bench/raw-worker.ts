/** @file ONNX Runtime with nothing around it but a loop: one session in this thread runs prepared batches for a while. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant, type TokenBatch } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';

export type RawSetup = { readonly path: string; readonly threads: number };
export type RawOrder = { readonly batches: readonly TokenBatch[]; readonly seconds: number };
export type RawReport = { readonly texts: number; readonly seconds: number };

invariant(parentPort, 'raw-worker.ts was loaded outside a worker thread');
const port = parentPort;
const { path, threads } = workerData as RawSetup;
const session = await createSession(path, { threads, spinning: threads > 1 });

port.on('message', async ({ batches, seconds }: RawOrder) => {
  const feeds = batches.map(({ batch, tokens, ids, mask, types }) => {
    const tensor = (data: BigInt64Array) => ({ type: 'int64' as const, dims: [batch, tokens], data });
    return { input_ids: tensor(ids), attention_mask: tensor(mask), token_type_ids: tensor(types) };
  });
  await session.run(feeds[0]!);
  let texts = 0;
  const began = performance.now();
  for (let i = 0; performance.now() - began < seconds * 1000; i = (i + 1) % feeds.length) {
    await session.run(feeds[i]!);
    texts += batches[i]!.batch;
  }
  port.postMessage({ texts, seconds: (performance.now() - began) / 1000 } satisfies RawReport);
});
port.postMessage('ready');
