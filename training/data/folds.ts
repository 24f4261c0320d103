/** @file k-fold cross-validation: each example held out once. */
import { UsageError } from '../../models/index.js';
import type { Example } from './example.js';
import { groupBy } from './group-by.js';
import { createRandom } from './random.js';
import { neededField, newestFirst, type SplitBy, wholes } from './split.js';
import { targetStrata } from './strata.js';

/** Indices into the examples, in ascending order. */
export type Fold = { readonly train: readonly number[]; readonly val: readonly number[] };

/** k folds, the same for the same seed. Equal texts, and for `group` whole groups, are never parted. By `label`, `random` and `group` each
 *  example is in val once. By `time` there are k + 1 periods of equal size: fold i learns from the first i + 1 of them and is measured on the
 *  next, so that nothing is learned from what came later.
 *  @throws UsageError `data/invalid` where there are fewer texts or groups than folds, or where times or groups are missing */
export function folds(examples: readonly Example[], k: number, by: SplitBy, seed: number): Fold[] {
  const parts = by === 'time' ? k + 1 : k;
  const needed = neededField[by];
  const without = needed === undefined ? 0 : examples.filter((example) => example[needed] === undefined).length;
  if (without > 0) {
    const what = `${without} of ${examples.length} examples have no ${needed}, so they cannot be folded by ${by}`;
    throw new UsageError('data/invalid', what, `give every row a ${needed}, or fold by label.`);
  }
  const dealt = dealers[by](examples, parts, seed);
  if (dealt.some((part) => part.length === 0)) {
    const what = `${examples.length} examples are too few for ${k} folds by ${by}: equal texts${by === 'group' ? ', and those of a group,' : ''} stay together`;
    throw new UsageError('data/invalid', what, 'use fewer folds, or add examples.');
  }
  const inOrder = (at: readonly number[]) => [...at].sort((a, b) => a - b);
  return Array.from({ length: k }, (_, fold) =>
    by === 'time'
      ? { train: inOrder(dealt.slice(0, fold + 1).flat()), val: inOrder(dealt[fold + 1]!) }
      : { train: inOrder(dealt.filter((_, part) => part !== fold).flat()), val: inOrder(dealt[fold]!) },
  );
}

type Dealer = (examples: readonly Example[], parts: number, seed: number) => number[][];
const dealers: { readonly [B in SplitBy]: Dealer } = {
  label: dealByLabel,
  random: (examples, parts, seed) => deal(createRandom(seed).shuffle(wholes(examples, 'random')), parts),
  // The largest groups first, so that the small ones can even things out.
  group: (examples, parts, seed) =>
    deal(
      createRandom(seed)
        .shuffle(wholes(examples, 'group'))
        .sort((a, b) => b.length - a.length),
      parts,
    ),
  time: (examples, parts) => {
    const dealt = Array.from({ length: parts }, (): number[] => []);
    let done = 0;
    for (const whole of newestFirst(examples).reverse()) {
      dealt[Math.min(parts - 1, Math.floor((done * parts) / examples.length))]!.push(...whole);
      done += whole.length;
    }
    return dealt;
  },
};

/** Each whole to the part that has least so far. */
function deal(inOrder: readonly (readonly number[])[], parts: number): number[][] {
  const dealt = Array.from({ length: parts }, (): number[] => []);
  for (const whole of inOrder) smallest(dealt, (part) => part.length).push(...whole);
  return dealt;
}

/** Stratum by stratum, rarest first: each whole to the part that has least of the stratum, and of those to the smallest. A text with several
 *  labels is dealt with its rarest (Sechidis, Tsoumakas, Vlahavas 2011). */
function dealByLabel(examples: readonly Example[], parts: number, seed: number): number[][] {
  const strata = targetStrata(examples);
  const all = wholes(examples, 'label');
  const byStratum = groupBy(
    all.flatMap((whole) => [...new Set(whole.flatMap((at) => strata[at]!))].map((stratum) => ({ stratum, whole }))),
    ({ stratum }) => stratum,
  );
  const dealt = Array.from({ length: parts }, (): number[] => []);
  const counts = Array.from({ length: parts }, () => new Map<string, number>());
  const done = new Set<readonly number[]>();
  const rarestFirst = [...byStratum.keys()].sort((a, b) => byStratum.get(a)!.length - byStratum.get(b)!.length || (a < b ? -1 : 1));
  for (const [turn, stratum] of rarestFirst.entries()) {
    for (const { whole } of createRandom(seed, turn).shuffle(byStratum.get(stratum)!)) {
      if (done.has(whole)) continue;
      done.add(whole);
      const part = smallest([...dealt.keys()], (one) => (counts[one]!.get(stratum) ?? 0) * (examples.length + 1) + dealt[one]!.length);
      dealt[part]!.push(...whole);
      for (const at of whole) for (const one of strata[at]!) counts[part]!.set(one, (counts[part]!.get(one) ?? 0) + 1);
    }
  }
  return dealt;
}

function smallest<T>(values: readonly T[], sizeOf: (value: T) => number): T {
  return values.reduce((least, value) => (sizeOf(value) < sizeOf(least) ? value : least));
}
