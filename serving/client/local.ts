/** @file Asks this browser: the model runs in a Web Worker of the page. */
import { heldKey } from './held-key.js';
import type { Classify } from './routes.js';
import type { FromLocalWorker, ToLocalWorker } from './worker.js';

export type Loading = { readonly received: number; readonly total: number };

/** @param onLoading told how much of the model has arrived, the first time that it is needed */
export function createLocal(onLoading: (loading: Loading) => void): Classify {
  const waiting = new Map<number, { resolve(message: Extract<FromLocalWorker, { kind: 'verdict' }>): void; reject(error: Error): void }>();
  let worker: Worker | undefined;
  let lastId = 0;

  const start = (): Worker => {
    const started = new Worker('/worker.js', { type: 'module' });
    started.addEventListener('message', ({ data }: MessageEvent<FromLocalWorker>) => {
      if (data.kind === 'loading') return onLoading(data);
      const asker = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.kind === 'verdict') asker?.resolve(data);
      else asker?.reject(new Error(data.message));
    });
    started.addEventListener('error', ({ message }) => {
      for (const { reject } of waiting.values())
        reject(new Error(`The model cannot run in this browser${message ? ` (${message})` : ''}.`));
      waiting.clear();
      started.terminate();
      worker = undefined;
    });
    return started;
  };

  return ({ text, pair, model, explain }) =>
    new Promise((resolve, reject) => {
      worker ??= start();
      const id = ++lastId;
      waiting.set(id, { resolve: ({ verdict, explained, milliseconds }) => resolve({ verdict, explained, milliseconds }), reject });
      worker.postMessage({
        id,
        text,
        ...(pair === undefined ? {} : { pair }),
        files: model.files,
        key: heldKey(),
        policy: model.policy,
        explain,
      } satisfies ToLocalWorker);
    });
}
