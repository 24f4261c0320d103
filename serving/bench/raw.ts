/** @file The peer of the benchmark: raw ONNX Runtime in each of the ways one would try first. */
import { Worker } from 'node:worker_threads';
import { median } from '../../models/bench/node.js';
import { type Encoding, padBatch } from '../../models/index.js';
import { usableCores } from '../../models/runtime/node.js';
import type { RawOrder, RawReport, RawSetup } from './raw-worker.js';

export type RawCase = { readonly workers: number; readonly threads: number; readonly batch: number; readonly sorted: boolean };

const cores = usableCores();

/** `sorted`: all texts were known beforehand and put in order of length, which no server can do. Shown, but no peer. */
export const rawCases: readonly RawCase[] = [
  { workers: cores, threads: 1, batch: 1, sorted: false },
  { workers: cores, threads: 1, batch: 8, sorted: false },
  { workers: cores, threads: 1, batch: 8, sorted: true },
  { workers: cores, threads: 1, batch: 32, sorted: false },
  { workers: cores, threads: 1, batch: 32, sorted: true },
  { workers: 1, threads: cores, batch: 8, sorted: false },
  { workers: 1, threads: cores, batch: 32, sorted: false },
];

/** Of these, what can be the fastest: larger batches are padding for the most part where lengths differ, and no faster where they do not. */
export const likelyCases = rawCases.filter(({ batch, sorted }) => batch <= 8 && !sorted);

/** For a look at whether everything runs: the one that is soonest set up. */
export const quickCases = likelyCases.filter(({ workers }) => workers === 1);

/** One text after the other, as for one client: what counts is how soon each is there. */
export const aloneCases: readonly RawCase[] = [
  { workers: 1, threads: 1, batch: 1, sorted: false },
  { workers: 1, threads: cores, batch: 1, sorted: false },
];

export const rawName = ({ workers, threads, batch, sorted }: RawCase): string =>
  `${workers} worker${workers > 1 ? 's' : ''} x ${threads} thread${threads > 1 ? 's' : ''}, batch ${batch}${sorted ? ', sorted by length' : ''}`;

/** Of a configuration: texts a second, and how long the median batch took. */
export type RawRate = { readonly textsPerSecond: number; readonly p50Ms: number };

/** Tokenising and padding are done beforehand and not counted. */
export async function measureRaw(
  path: string,
  raw: RawCase,
  encodings: readonly Encoding[],
  padId: number,
  seconds: number,
): Promise<RawRate> {
  const ordered = raw.sorted ? [...encodings].sort((a, b) => a.ids.length - b.ids.length) : encodings;
  const batches = Array.from({ length: Math.floor(ordered.length / raw.batch) }, (_, i) =>
    padBatch(ordered.slice(i * raw.batch, (i + 1) * raw.batch), padId),
  );
  const order = shuffle(batches);
  const workers = await Promise.all(Array.from({ length: raw.workers }, () => startWorker({ path, threads: raw.threads })));
  try {
    const reports = await Promise.all(
      workers.map(
        (worker, i) =>
          new Promise<RawReport>((resolve, reject) => {
            worker.once('message', resolve).once('error', reject);
            worker.postMessage({ batches: order.filter((_, at) => at % workers.length === i), seconds } satisfies RawOrder);
          }),
      ),
    );
    const textsPerSecond = reports.reduce((sum, { texts, seconds }) => sum + texts / seconds, 0);
    return { textsPerSecond, p50Ms: median(reports.map(({ p50Ms }) => p50Ms)) };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** The same disorder every time, so that a short round meets short and long batches alike. */
function shuffle<T>(items: readonly T[]): readonly T[] {
  const key = (i: number): number => (Math.imul(i + 1, 0x9e3779b1) >>> 0) / 2 ** 32;
  return items
    .map((item, i) => ({ item, key: key(i) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

const entry = import.meta.url.endsWith('.ts') ? './raw-from-source.mjs' : './raw-worker.js';

function startWorker(setup: RawSetup): Promise<Worker> {
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: setup });
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve(worker)).once('error', reject);
  });
}
