/** @file Setting a part of the training data aside. */

import { groupBy } from './group-by.js';
import { createRandom } from './random.js';
import type { RawExample } from './read-examples.js';

/** A share of each label, at least one example where there are two. Equal texts stay together, so that none is on both sides by our doing.
 *  Both sides keep the order of the file. */
export function stratifiedSplit(examples: readonly RawExample[], share: number, seed: number): { train: RawExample[]; val: RawExample[] } {
  const byLabel = groupBy(examples, ({ label }) => label);
  const inVal = new Set<string>();
  for (const [at, label] of [...byLabel.keys()].sort().entries()) {
    const members = byLabel.get(label)!;
    const wanted = members.length < 2 ? 0 : Math.max(1, Math.round(members.length * share));
    const groups = groupBy(members, textKey);
    let taken = members.filter((example) => inVal.has(textKey(example))).length; // a text that also has an earlier label
    for (const key of createRandom(seed, at).shuffle([...groups.keys()])) {
      if (taken >= wanted || (groups.size > 1 && taken + groups.get(key)!.length >= members.length)) break;
      if (inVal.has(key)) continue;
      inVal.add(key);
      taken += groups.get(key)!.length;
    }
  }
  return {
    train: examples.filter((example) => !inVal.has(textKey(example))),
    val: examples.filter((example) => inVal.has(textKey(example))),
  };
}

/** What makes two examples the same text: white space and Unicode form do not count, case does. */
export function textKey({ text, pair }: { readonly text: string; readonly pair?: string }): string {
  const plain = (value: string) => value.normalize('NFC').replace(/\s+/gu, ' ').trim();
  return pair === undefined ? plain(text) : `${plain(text)}\n${plain(pair)}`;
}
