/** @file The model in the page: `createClassifier({ bundle }).classify('…')`. Light by itself; what computes is in a Web Worker. */
import type { Correction, LearnProgress, Learnt } from '../../personal/index.js';
import { type Classifier, classifyWith, disposed, groupCalls, type Item, limited, type ModelDescription } from '../asking/index.js';
import { type Computes, chooseFaster, keepMeasurement, type Measurement, measuredFor, readMeasurement, withoutGpu } from './measured.js';
import type { Loaded, Timed } from './messages.js';
import type { WebOptions } from './web-options.js';
import { startHost, type WorkerHost } from './worker-host.js';

export type WebClassifier = Classifier & {
  /** Resolves when it is settled what computes: at once, but for the first time that `auto` meets a GPU. `undefined`: nothing was to be measured. */
  measured(): Promise<Measurement | undefined>;
  /**
   * Fine-tunes the head by what a person corrected, on this device: all corrections, each time. From then on every answer is by that head, and has
   * `personal`. What is not kept by the page is gone with it: `head` is for `restore`.
   *
   * @throws CopydeskError `bundle/missing` for a bundle that cannot be taught, `data/invalid` for a correction that the model cannot answer; the signal's reason
   */
  teach(corrections: readonly Correction[], options?: TeachOptions): Promise<{ readonly learnt: Learnt; readonly head: Uint8Array }>;
  /** @param head of `teach`; `null`: as exported again. @throws CopydeskError `weights/invalid` for a head of another bundle or version */
  restore(head: Uint8Array | null): Promise<void>;
};

export type TeachOptions = {
  /** Texts that the person agreed with: their answers are to stay. */
  readonly keep?: readonly Item[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LearnProgress) => void;
};

/** Nothing is fetched before the first call. */
export function createClassifier(options: WebOptions): WebClassifier {
  const {
    prefer = 'auto',
    precision = 'auto',
    threads = 0,
    cache: keep = 'copydesk',
    heldOnly = false,
    key = '',
    policy,
    timeout = Infinity,
  } = options;
  const bundle = new URL(`${String(options.bundle).replace(/[?#].*$/, '').replace(/\/+$/, '')}/`, document.baseURI).href; // biome-ignore format: one idea
  const assets = options.assets === undefined ? undefined : new URL(`${String(options.assets).replace(/\/+$/, '')}/`, document.baseURI);
  const cache = keep === false ? '' : keep;
  let over = false;
  let current: Promise<Answering> | undefined;
  let measuring: Promise<Measurement | undefined> | undefined;
  /** All that were started, so that none outlives us. */
  const hosts = new Set<WorkerHost>();
  let head: Uint8Array | null = null;
  /** Which head each worker has: the next one has none. */
  const heads = new WeakMap<WorkerHost, Uint8Array | null>();
  let onLearning: TeachOptions['onProgress'];
  /** One after another: the runtime does not run twice at once. */
  let lesson: Promise<unknown> = Promise.resolve();

  function start(computes: Computes, onProgress: WebOptions['onProgress']): WorkerHost {
    for (const host of hosts) if (host.ended) hosts.delete(host);
    const order = async () => ({ bundle, key: typeof key === 'function' ? await key() : key, precision, threads, cache, heldOnly, policy });
    const host = startHost(
      () => workers[computes](assets),
      order,
      onProgress ?? (() => {}),
      (progress) => onLearning?.(progress),
    );
    hosts.add(host);
    return host;
  }

  /** The worker that answers; after one that ended, the next. */
  async function answering(): Promise<Answering> {
    if (over) throw disposed();
    const held = current;
    if (held && !(await held).host.ended) return held;
    if (current === held) current = choose();
    return current!;
  }

  async function choose(): Promise<Answering> {
    const without = prefer === 'wasm' ? 'webgpu: it was not asked for.' : await withoutGpu();
    const fast = prefer === 'webgpu' || (prefer === 'auto' && !without && (await readMeasurement(cache, bundle))?.chosen === 'webgpu');
    if (over) throw disposed();
    return {
      host: start(fast && !without ? 'webgpu' : 'wasm', options.onProgress),
      fallbacks: prefer === 'webgpu' && without ? [without] : [],
    };
  }

  /** The worker that answers, by the head that was taught last. */
  async function taught(): Promise<WorkerHost> {
    const { host } = await answering();
    if ((heads.get(host) ?? null) !== head) await host.order('restore', head);
    heads.set(host, head);
    return host;
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = lesson.then(work);
    lesson = done.catch(() => {});
    return done;
  }

  const calls = groupCalls({
    async ask({ items, explain }) {
      await lesson;
      const host = await taught();
      const answers = await host.order('classify', { items, explain });
      measuring ??= measure(host);
      return answers;
    },
    wait: 0,
    texts: { plain: 32, explained: 1 },
    characters: Infinity,
    parallel: 1,
    timeout,
    splits: ({ code }) => code === 'data/invalid',
  });

  /** After the first answer, so that nobody waits for it; where the GPU is the faster, later calls go there. */
  async function measure(host: WorkerHost): Promise<Measurement | undefined> {
    const loaded = await host.loaded;
    if (prefer !== 'auto') return undefined;
    const known = await readMeasurement(cache, bundle);
    if (known?.for === measuredFor(loaded)) return known;
    if (over || (await withoutGpu())) return undefined;
    const other = loaded.runs.provider === 'wasm' ? 'webgpu' : 'wasm';
    const rival = start(other, undefined);
    try {
      const [ours, theirs] = [await host.order('time', null), await rival.order('time', null).catch(() => undefined)];
      const by = other === 'webgpu' ? { wasm: ours, webgpu: theirs } : { wasm: theirs ?? ours, webgpu: ours };
      const chosen = by.webgpu ? chooseFaster(by.wasm, by.webgpu) : 'wasm';
      const measurement = { chosen, for: measuredFor(loaded), wasm: times(by.wasm), ...(by.webgpu ? { webgpu: times(by.webgpu) } : {}) };
      await keepMeasurement(cache, bundle, measurement);
      if (chosen === other && !over && !rival.ended) {
        current = Promise.resolve({ host: rival, fallbacks: [] });
        host.retire();
      } else rival.end();
      return measurement;
    } catch {
      rival.end(); // a worker ended, or all is over: the next page measures
      return undefined;
    }
  }

  return {
    classify: classifyWith(calls),
    async ready({ signal, timeout: within = timeout } = {}) {
      const loading = answering().then(async ({ host, fallbacks }) => described(await host.loaded, fallbacks));
      return limited(loading, within, signal).catch((error: unknown) => {
        throw over ? disposed() : error;
      });
    },
    measured: async () => measuring,
    teach: (corrections, { keep = [], signal, onProgress } = {}) =>
      inTurn(async () => {
        signal?.throwIfAborted();
        const { host } = await answering();
        const stop = (): void => void host.order('stop', null).catch(() => {});
        signal?.addEventListener('abort', stop);
        onLearning = onProgress;
        try {
          const result = await host.order('teach', { corrections, keep });
          heads.set(host, result.head);
          signal?.throwIfAborted(); // too late to stop it: the head before it is given back with the next call
          head = result.head;
          return result;
        } catch (error) {
          throw signal?.aborted ? signal.reason : error;
        } finally {
          signal?.removeEventListener('abort', stop);
          onLearning = undefined;
        }
      }),
    restore: (given) =>
      inTurn(async () => {
        const { host } = await answering();
        await host.order('restore', given);
        head = given;
        heads.set(host, given);
      }),
    dispose() {
      over = true;
      calls.dispose();
      for (const host of hosts) host.end();
    },
  };
}

type Answering = { readonly host: WorkerHost; readonly fallbacks: readonly string[] };

function described({ sha256: _, runs, ...about }: Loaded, fallbacks: readonly string[]): ModelDescription {
  return { ...about, runs: { ...runs, fallbacks: [...fallbacks, ...runs.fallbacks] } };
}

const times = ({ one, many }: Timed): Pick<Timed, 'one' | 'many'> => ({ one, many });

/** Written out in full, so that bundlers see them. */
const workers: { readonly [C in Computes]: (assets: URL | undefined) => Worker } = {
  wasm: (assets) =>
    assets
      ? new Worker(new URL('worker.js', assets), { type: 'module' })
      : new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  webgpu: (assets) =>
    assets
      ? new Worker(new URL('worker-webgpu.js', assets), { type: 'module' })
      : new Worker(new URL('./worker-webgpu.js', import.meta.url), { type: 'module' }),
};
