/** @file What this machine can do at most: the rate of matrix products in the same runtime, and of memory. */
import { availableParallelism } from 'node:os';
import { GraphBuilder, matMul, type Tensors, toOnnx, type Value, zeros } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { askChild } from './ask-child.js';
import type { Limits } from './step-cost.js';

/** Rows, inner size and columns: feed-forward parts as models have them, and a large square. */
const products = [
  [1024, 384, 1536],
  [1024, 768, 3072],
  [1024, 2048, 2048],
] as const;

/** Pairs of products one after another, so that handing over what comes out weighs little. */
const pairs = 4;

/** @param runs of each product; the fastest run of the fastest counts: a limit is what can be reached, not what is usual */
export async function measureLimits(runs: number): Promise<Limits> {
  let gflops = 0;
  for (const [rows, inner, columns] of products) {
    const g = new GraphBuilder();
    const [there, back] = [g.input('there', [inner, columns]), g.input('back', [columns, inner])];
    let x: Value = g.input('x', [rows, inner]);
    for (let pair = 0; pair < pairs; pair++) x = matMul(g, matMul(g, x, there), back);
    const feeds = {
      x: zeros('float32', [rows, inner]),
      there: zeros('float32', [inner, columns]),
      back: zeros('float32', [columns, inner]),
    };
    gflops = Math.max(gflops, (2 * 2 * pairs * rows * inner * columns) / (await leastTime(g, x, feeds, runs)) / 1e6);
  }
  const seconds = String(Math.min(1, runs / 5));
  const rates = await Promise.all(Array.from({ length: availableParallelism() }, () => askChild<number>('copy-rate', [seconds])));
  return { gflops, bandwidth: rates.reduce((a, b) => a + b) };
}

async function leastTime(g: GraphBuilder, output: Value, feeds: Tensors, runs: number): Promise<number> {
  const session = await createSession(toOnnx(g.graph([output])));
  let least = Number.POSITIVE_INFINITY;
  for (let run = -1; run < runs; run++) {
    const start = performance.now();
    await session.run(feeds);
    least = Math.min(least, performance.now() - start);
  }
  await session.dispose();
  return least;
}
