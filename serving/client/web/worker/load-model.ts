/** @file A bundle from its address to a model that answers. */
import { type Classifier, createClassifier, type Manifest, type Session, type Tokenizer } from '../../../../models/index.js';
import type { CreateWebSession } from '../../../../models/runtime/web.js';
import { createTokenizer } from '../../../../models/text/web.js';
import type { Loaded, LoadOrder, Progress } from '../messages.js';
import { type Device, modelFiles } from './choose-file.js';
import { leavesOlder, type OpenBundle, openBundles } from './open-bundle.js';
import { type OpenGradients, openGradients } from './open-gradients.js';
import { warmRuntime } from './warm-runtime.js';

export type Runtime = {
  readonly provider: Device['provider'];
  readonly createSession: CreateWebSession;
  /** Exact addresses of the runtime's own files. */
  readonly files: { readonly mjs: string; readonly wasm: string };
};

export type LoadedModel = {
  readonly manifest: Manifest;
  readonly classifier: Classifier;
  readonly tokenizer: Tokenizer;
  readonly loaded: Loaded;
  /** Another session of this runtime, for a further graph of the bundle. @param providers default: as the model's own */
  readonly openSession: (
    model: Uint8Array,
    beside?: Readonly<Record<string, Uint8Array>>,
    providers?: readonly Device['provider'][],
  ) => Promise<Session>;
  readonly bundle: OpenBundle;
  readonly gradients: OpenGradients;
};

/** @throws CopydeskError or UsageError */
export async function loadModel(order: LoadOrder, runtime: Runtime, tell: (progress: Progress) => void): Promise<LoadedModel> {
  const device = { provider: runtime.provider, halfPrecision: runtime.provider === 'webgpu' && (await hasHalfPrecision()) };
  const threads = order.threads > 0 ? order.threads : usualThreads();
  const options = { wasmPaths: runtime.files, threads: crossOriginIsolated ? threads : 1 };
  const openSession: LoadedModel['openSession'] = (model, beside = {}, providers = [runtime.provider, 'wasm']) =>
    runtime.createSession(model, { ...options, beside, providers });
  const warming = warmRuntime(openSession);
  let failed: unknown;
  for await (const bundle of openBundles(order, (received, total) => tell({ phase: 'download', received, total }))) {
    try {
      return await start(bundle);
    } catch (error) {
      // A newer version that does not arrive leaves the older one in place.
      if (!leavesOlder(error)) throw error;
      failed = error;
    }
  }
  throw failed;

  async function start(bundle: OpenBundle): Promise<LoadedModel> {
    const { manifest } = bundle;
    const fallbacks: string[] = [];
    const candidates = modelFiles(manifest, order.precision, device);
    const tokenizing = bundle.file('tokenizer.json');
    tokenizing.catch(() => {}); // told of where it is awaited
    for (const [i, { precision, path }] of candidates.entries()) {
      const bytes = await bundle.file(path);
      const gradients = await openGradients({ manifest, openSession, bundle, path, bytes });
      const tokenizer = createTokenizer(new TextDecoder().decode(await tokenizing));
      tell({ phase: 'starting' });
      await warming;
      const session = await openSession(bytes).catch((error: unknown) => {
        if (i === candidates.length - 1) throw error;
        fallbacks.push(`${precision}: ${error instanceof Error ? error.message : String(error)}`);
      });
      if (!session) continue;
      const kept = await bundle.complete();
      const { name, version, labels, activation, text, policy, files } = manifest;
      const provider = session.provider === 'webgpu' ? 'webgpu' : 'wasm';
      const runs = { where: 'browser', provider, precision, threads: options.threads, offline: bundle.offline, kept, teachable: manifest.personalise !== undefined, fallbacks: [...fallbacks, ...session.fallbacks] } as const; // biome-ignore format: one line
      const sha256 = files.find((file) => file.path === path)!.sha256;
      const loaded = { name, version, labels, activation, input: text.input, policy: order.policy ?? policy.labels, runs, sha256 };
      return { manifest, classifier: createClassifier({ session, tokenizer, ...text }), tokenizer, loaded, openSession, bundle, gradients };
    }
    throw new Error('internal: no model file was tried');
  }
}

/** More than four gain nothing for models of this size, and leave the device nothing for the page. */
const usualThreads = (): number => Math.max(1, Math.min(4, navigator.hardwareConcurrency));

async function hasHalfPrecision(): Promise<boolean> {
  const { gpu } = navigator as Navigator & { gpu?: { requestAdapter(): Promise<{ features: ReadonlySet<string> } | null> } };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return adapter?.features.has('shader-f16') ?? false;
}
