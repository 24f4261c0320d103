/** @file One classifier for all elements of a page that have the same source: a model is loaded once. */
import type { Classifier } from '../asking/index.js';
import { createClient } from '../remote/index.js';
import { createClassifier, type Progress } from '../web/index.js';

export type Source = {
  /** Address of a bundle's folder: the model runs in the page. */
  readonly bundle: string | null;
  /** Address of a server, where there is no bundle. */
  readonly url: string | null;
  readonly model: string | null;
  readonly assets: string | null;
};
export type Share = { readonly classifier: Classifier; release(): void };

type Shared = { readonly classifier: Classifier; users: number; readonly listeners: Set<(progress: Progress) => void> };

const shared = new Map<string, Shared>();

/** Moved elements leave the page for a moment: a model is not loaded twice for that. */
const patience = 1_000;

/** @returns `undefined` where the source names nothing */
export function shareClassifier({ bundle, url, model, assets }: Source, onProgress: (progress: Progress) => void): Share | undefined {
  if (bundle === null && url === null) return undefined;
  const key = JSON.stringify([bundle, url, model, assets]);
  const one = shared.get(key) ?? create();
  shared.set(key, one);
  one.users += 1;
  one.listeners.add(onProgress);
  let released = false;
  return {
    classifier: one.classifier,
    release() {
      if (released) return;
      released = true;
      one.users -= 1;
      one.listeners.delete(onProgress);
      setTimeout(() => {
        if (one.users > 0 || shared.get(key) !== one) return;
        shared.delete(key);
        one.classifier.dispose();
      }, patience);
    },
  };

  function create(): Shared {
    const listeners: Shared['listeners'] = new Set();
    const tell = (progress: Progress): void => {
      for (const listener of listeners) listener(progress);
    };
    const classifier =
      bundle !== null
        ? createClassifier({ bundle, onProgress: tell, ...(assets === null ? {} : { assets }) })
        : createClient({ url: new URL(url!, document.baseURI), ...(model === null ? {} : { model }) });
    return { classifier, users: 0, listeners };
  }
}
