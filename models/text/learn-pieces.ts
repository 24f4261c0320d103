/** @file Which pieces words are cut into: the pair of neighbouring pieces that is most frequent is joined, again and again, as the Hugging Face
 *  WordPiece trainer does (byte-pair merges, written with `##` inside words). Ties go to the pieces that were known first, so nothing depends
 *  on hashing. */

export type PieceOptions = {
  /** How often each word occurs. */
  readonly words: ReadonlyMap<string, number>;
  readonly size: number;
  readonly minFrequency: number;
  readonly alphabetLimit: number;
};

/** A word as pieces (indices into the list of pieces), and how often it occurs. */
type Word = { pieces: number[]; readonly count: number };
type Pair = { readonly left: number; readonly right: number; count: number; readonly words: Set<Word> };

/** @returns the pieces in the order in which they were learned: characters first; those within a word begin with `##` */
export function learnPieces({ words, size, minFrequency, alphabetLimit }: PieceOptions): string[] {
  const pieces: string[] = [];
  const indexOf = new Map<string, number>();
  const intern = (piece: string): number => {
    const known = indexOf.get(piece);
    if (known !== undefined) return known;
    indexOf.set(piece, pieces.length);
    return pieces.push(piece) - 1;
  };

  // By spelling, so that the order of the texts does not matter.
  const sorted = [...words].sort(([a], [b]) => (a < b ? -1 : 1));
  const alphabet = mostFrequentCharacters(sorted, alphabetLimit);
  for (const character of alphabet) if (pieces.length < size) intern(character);
  const split = sorted.flatMap(([word, count]): Word[] => {
    const characters = [...word];
    if (!characters.every((character) => indexOf.has(character))) return [];
    return [{ pieces: characters.map((character, at) => intern(at === 0 ? character : `##${character}`)), count }];
  });
  const pairs = countPairs(split);

  while (pieces.length < size) {
    const best = pairs.takeBest(minFrequency);
    if (!best) break;
    const joined = intern(pieces[best.left]! + pieces[best.right]!.slice(2));
    for (const word of [...best.words]) pairs.join(word, best, joined);
  }
  return pieces.slice(0, size);
}

/** Sorted by code point; the rarest are left out when there are more than `limit`. */
function mostFrequentCharacters(words: readonly (readonly [string, number])[], limit: number): string[] {
  const counts = new Map<string, number>();
  for (const [word, count] of words) for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count);
  const byCount = [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  return byCount
    .slice(0, limit)
    .map(([character]) => character)
    .sort();
}

function countPairs(words: readonly Word[]) {
  const pairs = new Map<number, Pair>();
  const heap: { readonly pair: Pair; readonly count: number }[] = [];
  const change = (word: Word, sign: 1 | -1, touched: Set<Pair>) => {
    for (let i = 1; i < word.pieces.length; i++) {
      const [left, right] = [word.pieces[i - 1]!, word.pieces[i]!];
      const key = left * 0x4000000 + right; // 26 bits each: exact in a double
      let pair = pairs.get(key);
      if (!pair) {
        pair = { left, right, count: 0, words: new Set() };
        pairs.set(key, pair);
      }
      pair.count += sign * word.count;
      if (sign > 0) pair.words.add(word);
      else pair.words.delete(word);
      touched.add(pair);
    }
  };
  const all = new Set<Pair>();
  for (const word of words) change(word, 1, all);
  for (const pair of all) push(heap, { pair, count: pair.count });

  return {
    /** The most frequent pair, or nothing when none occurs `minFrequency` times. */
    takeBest(minFrequency: number): Pair | undefined {
      for (let top = pop(heap); top; top = pop(heap)) {
        if (top.count !== top.pair.count) continue; // stale: a newer entry is in the heap
        return top.count >= minFrequency ? top.pair : undefined;
      }
      return undefined;
    },
    join(word: Word, { left, right }: Pair, joined: number): void {
      const touched = new Set<Pair>();
      change(word, -1, touched);
      const next: number[] = [];
      for (const piece of word.pieces) {
        if (piece === right && next.at(-1) === left) next[next.length - 1] = joined;
        else next.push(piece);
      }
      word.pieces = next;
      change(word, 1, touched);
      for (const pair of touched) if (pair.count > 0) push(heap, { pair, count: pair.count });
    },
  };
}

type Entry = { readonly pair: Pair; readonly count: number };

function before(a: Entry, b: Entry): boolean {
  if (a.count !== b.count) return a.count > b.count;
  if (a.pair.left !== b.pair.left) return a.pair.left < b.pair.left;
  return a.pair.right < b.pair.right;
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(entry, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const [top] = heap;
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return top;
}
