/** @file Whether the GPU is faster here with this model: measured once for each version, and remembered beside the bundle. */
import type { Loaded, Timed } from './messages.js';

export type Computes = 'wasm' | 'webgpu';
export type Measurement = {
  readonly chosen: Computes;
  /** The version of the bundle, the file that ran on the processor, and the browser: what it holds for. */
  readonly for: string;
  readonly wasm: Pick<Timed, 'one' | 'many'>;
  /** Absent where the model does not run on it. */
  readonly webgpu?: Pick<Timed, 'one' | 'many'>;
};

/** A tie is not worth a larger download. */
const worthIt = 0.9;
/** A GPU computes in another order, and in halves; more than this is another answer. */
const tolerance = 0.1;

/** Single texts and lists count alike. */
export function chooseFaster(wasm: Timed, webgpu: Timed): Computes {
  const ratio = Math.sqrt((webgpu.one / wasm.one) * (webgpu.many / wasm.many));
  const same = wasm.logits.length === webgpu.logits.length && wasm.logits.every((logit, i) => Math.abs(logit - webgpu.logits[i]!) <= tolerance * Math.max(1, Math.abs(logit))); // biome-ignore format: one idea
  return same && ratio < worthIt ? 'webgpu' : 'wasm';
}

/** Of what runs on the processor; a version, or a browser, that is new is measured anew. */
export const measuredFor = ({ name, version }: Pick<Loaded, 'name' | 'version'>): string => `${name}@${version} ${navigator.userAgent}`;

export async function readMeasurement(cache: string, bundle: string): Promise<Measurement | undefined> {
  try {
    const held = await (await open(cache))?.match(addressOf(bundle));
    return held && ((await held.json()) as Measurement);
  } catch {
    return undefined;
  }
}

export async function keepMeasurement(cache: string, bundle: string, measurement: Measurement): Promise<void> {
  await (await open(cache))?.put(addressOf(bundle), new Response(JSON.stringify(measurement))).catch(() => {});
}

const addressOf = (bundle: string): string => `${bundle}?measured`;

const open = (cache: string): Promise<Cache | undefined> =>
  cache === '' || typeof caches === 'undefined' ? Promise.resolve(undefined) : caches.open(cache).catch(() => undefined);

let asked: Promise<string | undefined> | undefined;

/** Why the GPU cannot be used here; `undefined`: it can. Asked once: browsers without an adapter complain each time. */
export function withoutGpu(): Promise<string | undefined> {
  asked ??= askForGpu();
  return asked;
}

async function askForGpu(): Promise<string | undefined> {
  const { gpu } = navigator as Navigator & { gpu?: { requestAdapter(): Promise<object | null> } };
  if (!gpu) return 'webgpu: this browser is without WebGPU, or has it only for HTTPS.';
  if (!('Suspending' in WebAssembly)) return 'webgpu: this browser is without JSPI, which the runtime needs for it.';
  return (await gpu.requestAdapter().catch(() => null)) ? undefined : 'webgpu: there is no adapter.';
}
