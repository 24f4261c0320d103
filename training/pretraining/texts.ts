/** @file The texts of pre-training: read, each once, some set aside. */
import { createHash } from 'node:crypto';
import { UsageError } from '../../models/index.js';
import type { Unlabelled } from '../data/example.js';
import { createRandom } from '../data/random.js';
import { readExamples } from '../data/read-examples.js';
import { textKey, unorderedKey } from '../data/text-key.js';
import type { PretrainConfig } from './config.js';

export type Texts = {
  readonly train: readonly Unlabelled[];
  readonly val: readonly Unlabelled[];
  /** Rows that were a repetition of an earlier one. */
  readonly repeated: number;
  /** Rows that are held out. */
  readonly heldOut: number;
  /** sha256 of all that is learnt from, in order. */
  readonly fingerprint: string;
};

/** @throws UsageError `data/*` where a file cannot be read, or nothing is left to learn from */
export async function readTexts({ data, training }: Pick<PretrainConfig, 'data' | 'training'>): Promise<Texts> {
  const read = async (paths: string | readonly string[]): Promise<Unlabelled[]> => {
    const all: Unlabelled[] = [];
    for (const path of [paths].flat()) {
      for (const { text, pair } of await readExamples(path, { fields: data.fields, labelled: false }))
        all.push({ text, ...(pair === undefined ? {} : { pair }) });
    }
    return all;
  };
  const given = await read(data.texts);
  const heldOut = new Set((data.heldOut ? await read(data.heldOut) : []).map(unorderedKey));
  const allowed = given.filter((text) => !heldOut.has(unorderedKey(text)));
  const distinct = [...new Map(allowed.map((text) => [textKey(text), text])).values()];
  if (distinct.length < 2)
    throw new UsageError(
      'data/invalid',
      `data.texts: ${distinct.length} texts are left of ${given.length} (${given.length - allowed.length} are held out), which is too few to learn from and measure by`,
      'name files with more texts, unlabelled ones included.',
    );
  const shuffled = createRandom(training.seed, -1).shuffle(distinct);
  const val = Math.min(distinct.length - 1, Math.max(1, Math.round(data.val * distinct.length)));
  return {
    train: shuffled.slice(val),
    val: shuffled.slice(0, val),
    repeated: allowed.length - distinct.length,
    heldOut: given.length - allowed.length,
    fingerprint: createHash('sha256').update(JSON.stringify(distinct)).digest('hex'),
  };
}
