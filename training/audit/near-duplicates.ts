/** @file All pairs of texts that are nearly the same. */
import { shinglesOf } from './shingles.js';

/** `a < b`, indices of texts. */
export type NearPair = { readonly a: number; readonly b: number; readonly similarity: number };

export type NearDuplicates = {
  /** Every pair that is alike enough; of a large cluster only so many that no text, and no class that it is near to, is missed. */
  readonly pairs: readonly NearPair[];
  /** Texts that are linked by pairs, two or more in each, the largest first. */
  readonly clusters: readonly (readonly number[])[];
};

export type NearDuplicateOptions = {
  /** Least Jaccard similarity of the shingle sets. Default .8. */
  readonly threshold?: number;
  /** A text's class (its split and label): pairs are only left out where both classes are known to be near to both texts. */
  readonly classOf?: (index: number) => number;
  readonly onProgress?: (done: number, total: number) => void;
};

/** The texts that have a shingle among their rarest, in order of size, and where in them it stands. */
type Postings = { readonly texts: number[]; readonly places: number[] };

/** A similarity join with prefix and position filters (Xiao et al. 2008, PPJoin): exact, so nothing is missed by chance as with hashing,
 *  and deterministic. Two sets that share enough must share one of their rarest members, so only those are indexed. */
export function nearDuplicates(
  texts: readonly { readonly text: string; readonly pair?: string }[],
  { threshold = 0.8, classOf = (index) => index, onProgress }: NearDuplicateOptions = {},
): NearDuplicates {
  const sets = rankedShingles(texts);
  const classes = texts.map((_, index) => classOf(index));
  const order = sets.map((_, index) => index).sort((a, b) => sets[a]!.length - sets[b]!.length || a - b);
  const index = new Map<number, Postings>();
  const clusters = disjointSets(texts.length);
  const near = texts.map(() => new Set<number>());
  const pairs: NearPair[] = [];
  const metBy = new Int32Array(texts.length).fill(-1);

  /** `x` and `y` share their first member at places `i` and `j`. */
  function compare(x: number, i: number, y: number, j: number): void {
    const [setX, setY] = [sets[x]!, sets[y]!];
    // In a flood of texts of one pattern nearly all pairs end here.
    if (clusters.same(x, y) && near[x]!.has(classes[y]!) && near[y]!.has(classes[x]!)) return;
    const needed = Math.ceil((threshold / (1 + threshold)) * (setX.length + setY.length) - 1e-9);
    const shared = sharedCount(setX, i, setY, j, needed);
    if (shared < needed) return;
    pairs.push({ a: Math.min(x, y), b: Math.max(x, y), similarity: shared / (setX.length + setY.length - shared) });
    near[x]!.add(classes[y]!);
    near[y]!.add(classes[x]!);
    clusters.join(x, y);
  }

  order.forEach((x, done) => {
    if (done % 1000 === 0) onProgress?.(done, texts.length);
    const set = sets[x]!;
    const prefix = set.length - Math.ceil(threshold * set.length - 1e-9) + 1;
    for (let i = 0; i < prefix; i++) {
      const postings = index.get(set[i]!);
      if (!postings) continue;
      for (let p = postings.texts.length - 1; p >= 0; p--) {
        const y = postings.texts[p]!;
        if (metBy[y] === x) continue;
        if (sets[y]!.length < threshold * set.length) break; // all before it are smaller
        metBy[y] = x;
        compare(x, i, y, postings.places[p]!);
      }
    }
    const indexed = set.length - Math.ceil(((2 * threshold) / (1 + threshold)) * set.length - 1e-9) + 1;
    for (let i = 0; i < indexed; i++) {
      let postings = index.get(set[i]!);
      if (!postings) {
        postings = { texts: [], places: [] };
        index.set(set[i]!, postings);
      }
      postings.texts.push(x);
      postings.places.push(i);
    }
  });
  onProgress?.(texts.length, texts.length);
  return { pairs: pairs.sort((a, b) => a.a - b.a || a.b - b.b), clusters: clusters.groups() };
}

/** Each text's shingles as numbers, the rarest of the collection first. */
function rankedShingles(texts: readonly { readonly text: string; readonly pair?: string }[]): Int32Array[] {
  const ids = new Map<string, number>();
  const counts: number[] = [];
  const sets = texts.map(({ text, pair }) =>
    Int32Array.from(shinglesOf(text, pair), (shingle) => {
      let id = ids.get(shingle);
      if (id === undefined) {
        id = counts.length;
        ids.set(shingle, id);
        counts.push(0);
      }
      counts[id]! += 1;
      return id;
    }),
  );
  const rank = new Int32Array(counts.length);
  Int32Array.from(counts.keys())
    .sort((a, b) => counts[a]! - counts[b]! || a - b)
    .forEach((id, at) => {
      rank[id] = at;
    });
  return sets.map((set) => set.map((id) => rank[id]!).sort());
}

/** Members of both sorted sets from these places on; fewer than that as soon as `needed` cannot be reached. */
function sharedCount(a: Int32Array, fromA: number, b: Int32Array, fromB: number, needed: number): number {
  let shared = 0;
  for (let i = fromA, j = fromB; i < a.length && j < b.length; ) {
    if (shared + Math.min(a.length - i, b.length - j) < needed) return shared;
    if (a[i] === b[j]) {
      shared += 1;
      i += 1;
      j += 1;
    } else if (a[i]! < b[j]!) i += 1;
    else j += 1;
  }
  return shared;
}

function disjointSets(count: number) {
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  const rootOf = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = i; parent[at] !== root; ) [at, parent[at]] = [parent[at]!, root];
    return root;
  };
  return {
    same: (a: number, b: number) => rootOf(a) === rootOf(b),
    join(a: number, b: number) {
      const [first, second] = [rootOf(a), rootOf(b)].sort((x, y) => x - y) as [number, number];
      parent[second] = first;
    },
    groups(): number[][] {
      const groups = new Map<number, number[]>();
      for (let i = 0; i < count; i++) {
        const group = groups.get(rootOf(i));
        if (group) group.push(i);
        else groups.set(rootOf(i), [i]);
      }
      return [...groups.values()].filter((group) => group.length > 1).sort((a, b) => b.length - a.length || a[0]! - b[0]!);
    },
  };
}
