/** @file Setting a part of the data aside. */
import { blocksOf } from './blocks.js';
import type { DataConfig } from './data-config.js';
import { groupBy } from './group-by.js';
import { createRandom } from './random.js';
import { unorderedKey } from './text-key.js';

export type SplitBy = NonNullable<DataConfig['split']>['by'];

/** The field that examples must have to be parted so. */
export const neededField: { readonly [B in SplitBy]: 'time' | 'group' | undefined } = {
  label: undefined,
  random: undefined,
  time: 'time',
  group: 'group',
};

/** What examples are parted by. */
export type Divisible = { readonly text: string; readonly pair?: string; readonly time?: number; readonly group?: string };

/** Indices of examples that stay together, whatever they are parted by: the same text, a pair in either order, and for `group` the group. */
export function wholes(examples: readonly Divisible[], by: SplitBy): number[][] {
  const keys: (example: Divisible) => readonly string[] =
    by === 'group' ? (example) => [`t${unorderedKey(example)}`, `g${example.group ?? ''}`] : (example) => [unorderedKey(example)];
  const block = blocksOf(examples, keys);
  return [...groupBy([...examples.keys()], (at) => block[at]!).values()];
}

/** Takes a share of the examples out, at least one where there are two. Equal texts stay together, so that none is on both sides by our doing.
 *  Both sides keep the order of the file.
 *  @param strata for `label`: what each example counts as, one name or several */
export function takeOut<T extends Divisible>(
  examples: readonly T[],
  share: number,
  by: SplitBy,
  { seed, strata }: { readonly seed: number; readonly strata: readonly (readonly string[])[] },
): { readonly rest: T[]; readonly taken: T[] } {
  const taken = takers[by](examples, share, seed, strata);
  return { rest: examples.filter((_, at) => !taken.has(at)), taken: examples.filter((_, at) => taken.has(at)) };
}

type Taker = (examples: readonly Divisible[], share: number, seed: number, strata: readonly (readonly string[])[]) => ReadonlySet<number>;

const takers: { readonly [B in SplitBy]: Taker } = {
  label: takeByLabel,
  random: (examples, share, seed) => firstOf(createRandom(seed).shuffle(wholes(examples, 'random')), examples.length, share),
  group: (examples, share, seed) => firstOf(createRandom(seed).shuffle(wholes(examples, 'group')), examples.length, share),
  // A text that was there early and came again is as new as its newest copy: training sees nothing of it.
  time: (examples, share) => firstOf(newestFirst(examples), examples.length, share),
};

/** Wholes by the newest time in each, newest first; equally new ones in the order of the file. */
export function newestFirst(examples: readonly Divisible[]): number[][] {
  const newest = (whole: readonly number[]) => Math.max(...whole.map((at) => examples[at]!.time ?? Number.NEGATIVE_INFINITY));
  return wholes(examples, 'time').sort((a, b) => newest(b) - newest(a) || a[0]! - b[0]!);
}

/** Wholes one after another until the share is reached; the last one stays. */
function firstOf(inOrder: readonly (readonly number[])[], all: number, share: number): ReadonlySet<number> {
  const taken = new Set<number>();
  const wanted = Math.max(1, Math.round(all * share));
  for (const whole of inOrder.slice(0, -1)) {
    if (taken.size >= wanted) break;
    for (const at of whole) taken.add(at);
  }
  return taken;
}

function takeByLabel(
  examples: readonly Divisible[],
  share: number,
  seed: number,
  strata: readonly (readonly string[])[],
): ReadonlySet<number> {
  const byLabel = groupBy(
    [...examples.keys()].flatMap((at) => strata[at]!.map((label) => ({ label, at }))),
    ({ label }) => label,
  );
  const whole = blocksOf(examples, (example) => [unorderedKey(example)]);
  const inVal = new Set<number>();
  for (const [at, label] of [...byLabel.keys()].sort().entries()) {
    const members = byLabel.get(label)!.map((member) => whole[member.at]!);
    const wanted = members.length < 2 ? 0 : Math.max(1, Math.round(members.length * share));
    const groups = groupBy(members, (member) => member);
    let taken = members.filter((member) => inVal.has(member)).length; // a text that also has an earlier label
    for (const key of createRandom(seed, at).shuffle([...groups.keys()])) {
      if (taken >= wanted || (groups.size > 1 && taken + groups.get(key)!.length >= members.length)) break;
      if (inVal.has(key)) continue;
      inVal.add(key);
      taken += groups.get(key)!.length;
    }
  }
  return new Set([...examples.keys()].filter((at) => inVal.has(whole[at]!)));
}
