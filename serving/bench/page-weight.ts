/** @file What a page fetches for its first verdict: bytes as they are, and packed as hosts send them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Manifest } from '../../models/index.js';

export type Weight = { readonly bytes: number; readonly gzip: number; readonly brotli: number };
export type PageWeight = { readonly script: Weight; readonly runtime: Weight; readonly model: Weight; readonly all: Weight };

/** As hosts pack files once, before anybody asks: more than these gains a percent or two and takes a minute. */
const gzipLevel = 9;
const brotliQuality = 9;

/**
 * @param built the folder of the browser package
 * @param bundle the bundle's folder
 */
export async function pageWeight(
  built: string,
  bundle: string,
  { models }: Pick<Manifest, 'models'>,
  provider: 'wasm' | 'webgpu',
  precision: 'fp32' | 'int8' | 'fp16',
): Promise<PageWeight> {
  const { worker, runtime: wasm } = parts[provider];
  const [script, runtime, model] = await Promise.all([
    weigh([join(built, 'web.js'), join(built, worker)]),
    weigh([join(built, 'ort', `${wasm}.mjs`), join(built, 'ort', `${wasm}.wasm`)]),
    weigh([join(bundle, 'copydesk.json'), join(bundle, 'tokenizer.json'), join(bundle, models[precision]!)]),
  ]);
  return { script, runtime, model, all: sum([script, runtime, model]) };
}

const parts = {
  wasm: { worker: 'worker.js', runtime: 'ort-wasm-simd-threaded' },
  webgpu: { worker: 'worker-webgpu.js', runtime: 'ort-wasm-simd-threaded.jspi' },
} as const;

/** The runtime is weighed once, whatever is served with it. */
const known = new Map<string, Promise<Weight>>();

async function weigh(paths: readonly string[]): Promise<Weight> {
  return sum(
    await Promise.all(
      paths.map((path) => {
        const weight = known.get(path) ?? weighFile(path);
        known.set(path, weight);
        return weight;
      }),
    ),
  );
}

async function weighFile(path: string): Promise<Weight> {
  const content = await readFile(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  const [gzipped, brotli] = await Promise.all([
    promisify(gzip)(content, { level: gzipLevel }),
    promisify<Buffer, object, Buffer>(brotliCompress)(content, { params }),
  ]);
  return { bytes: content.length, gzip: gzipped.length, brotli: brotli.length };
}

const sum = (weights: readonly Weight[]): Weight =>
  weights.reduce((a, b) => ({ bytes: a.bytes + b.bytes, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli }), {
    bytes: 0,
    gzip: 0,
    brotli: 0,
  });
