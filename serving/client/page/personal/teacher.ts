/** @file Corrections to a head: learnt by the model on this device, kept, and used again the next time. */
import type { ModelInfo } from '../../../protocol/index.js';
import type { Correction, LearnProgress, Learnt, WebClassifier } from '../../web/index.js';
import type { HeldModels } from '../device/held-models.js';
import { fingerprint, type PersonalStore, type Standing, standingOf } from './personal-store.js';

export type PersonalState = {
  readonly corrections: readonly Correction[];
  readonly standing: Standing;
  readonly head: Uint8Array | undefined;
};

export type Teacher = {
  state(info: ModelInfo): Promise<PersonalState>;
  /** @throws CopydeskError; the signal's reason. What was corrected is kept all the same. */
  learn(
    info: ModelInfo,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (progress: LearnProgress) => void },
  ): Promise<Learnt | undefined>;
  /** @throws CopydeskError `weights/invalid` for a head of another model or version */
  importHead(info: ModelInfo, head: Uint8Array): Promise<void>;
  discard(info: ModelInfo): Promise<void>;
};

export function createTeacher(store: PersonalStore, open: HeldModels['open']): Teacher {
  const exportedAgain = async (info: ModelInfo): Promise<void> => (await open(info)).use((classifier) => classifier.restore(null));
  return {
    async state(info) {
      const [corrections, kept] = await Promise.all([store.corrections(info.name), store.head(info.name)]);
      const standing = standingOf(info, corrections, kept);
      return { corrections, standing, head: kept?.version === info.version ? kept.head : undefined };
    },
    async learn(info, options) {
      const corrections = await store.corrections(info.name);
      if (corrections.length === 0) {
        await store.discard(info.name);
        await exportedAgain(info);
        return undefined;
      }
      const model = await open(info);
      const { learnt, head } = await model.use((classifier) => classifier.teach(corrections, options));
      await store.keepHead({ name: info.name, version: model.info.version, head, learntFrom: fingerprint(corrections) });
      return learnt;
    },
    async importHead(info, head) {
      const model = await open(info);
      await model.use((classifier) => classifier.restore(head));
      await store.keepHead({ name: info.name, version: model.info.version, head, learntFrom: '' });
    },
    async discard(info) {
      await store.discard(info.name);
      await exportedAgain(info);
    },
  };
}

/** For a model that was just opened: the head that is kept for this version. Where it cannot be used, the model answers as exported. */
export async function restoreHead(store: PersonalStore, { name, version }: ModelInfo, classifier: WebClassifier): Promise<void> {
  const kept = await store.head(name);
  if (kept?.version === version) await classifier.restore(kept.head);
}
