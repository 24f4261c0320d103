/** @file What this device keeps of a person's corrections, and the heads that were learnt from them. */
import type { ModelInfo } from '../../../protocol/index.js';
import type { Correction } from '../../web/index.js';
import type { Database } from '../device/database.js';

export type KeptHead = {
  readonly name: string;
  readonly version: string;
  readonly head: Uint8Array;
  /** Which corrections it was learnt from: the same ones need no learning again. Empty: it came as a file. */
  readonly learntFrom: string;
};

type KeptCorrection = { readonly model: string; readonly at: number; readonly correction: Correction };

export type PersonalStore = {
  /** In the order in which they were made. */
  corrections(model: string): Promise<readonly Correction[]>;
  /** In place of an earlier one of the same text. */
  add(model: string, correction: Correction): Promise<void>;
  remove(model: string, correction: Correction): Promise<void>;
  head(model: string): Promise<KeptHead | undefined>;
  keepHead(head: KeptHead): Promise<void>;
  /** All of a model. */
  discard(model: string): Promise<void>;
};

export function createPersonalStore(database: Database, now: () => number = Date.now): PersonalStore {
  const all = async (model: string): Promise<readonly KeptCorrection[]> =>
    (await database.all<KeptCorrection>('corrections')).filter((one) => one.model === model).sort((a, b) => a.at - b.at);
  const remove = (model: string, correction: Correction): Promise<void> => database.delete('corrections', keyOf(model, correction));
  return {
    corrections: async (model) => (await all(model)).map(({ correction }) => correction),
    add: (model, correction) =>
      database.put('corrections', keyOf(model, correction), { model, at: now(), correction } satisfies KeptCorrection),
    remove,
    head: (model) => database.get<KeptHead>('heads', model),
    keepHead: (head) => database.put('heads', head.name, head),
    async discard(model) {
      for (const { correction } of await all(model)) await remove(model, correction);
      await database.delete('heads', model);
    },
  };
}

const keyOf = (model: string, { text, pair }: Correction): string => JSON.stringify([model, text, pair]);

/** What a head of these corrections is known by. */
export const fingerprint = (corrections: readonly Correction[]): string => JSON.stringify(corrections);

/** How a kept head stands to the model that answers now. */
export type Standing = 'none' | 'learnt' | 'imported' | 'older' | 'unlearnt';

export function standingOf(
  { version }: Pick<ModelInfo, 'version'>,
  corrections: readonly Correction[],
  head: Pick<KeptHead, 'version' | 'learntFrom'> | undefined,
): Standing {
  const current = head?.version === version;
  if (current && head.learntFrom === '' && corrections.length === 0) return 'imported';
  if (corrections.length === 0) return head ? 'older' : 'none';
  if (current && head.learntFrom === fingerprint(corrections)) return 'learnt';
  return head && !current ? 'older' : 'unlearnt';
}
