/** @file All words of all lists in one pass over a text: the automaton of Aho and Corasick (1975), over UTF-16 units. */

export type WordSearch = {
  /** Calls `found` for every place where a word stands, by ends; at each end the longest first. Linear in the text and what is found. */
  scan(text: string, found: (word: number, start: number, end: number) => void): void;
};

/**
 * Nodes are rows of parallel arrays, children linked lists, but for the root's, which may be as many as there are first letters. Libraries for
 * this match whole grapheme clusters (an emoji with a skin tone is then another word than without) or are no longer kept.
 *
 * @param words none empty, none twice
 */
export function createWordSearch(words: readonly string[]): WordSearch {
  const size = 1 + words.reduce((sum, { length }) => sum + length, 0);
  const unit = new Uint16Array(size);
  const child = new Int32Array(size);
  const sibling = new Int32Array(size);
  /** The node of the longest proper suffix that is in the tree. */
  const fail = new Int32Array(size);
  /** The next node on the way of `fail` at which a word ends. */
  const shorter = new Int32Array(size);
  const wordAt = new Int32Array(size).fill(-1);
  const depth = new Uint16Array(size);
  const first = new Int32Array(0x10000);
  let nodes = 1;

  /** 0: there is none. */
  const childOf = (node: number, code: number): number => {
    if (node === 0) return first[code]!;
    let at = child[node]!;
    while (at !== 0 && unit[at] !== code) at = sibling[at]!;
    return at;
  };
  const step = (node: number, code: number): number => {
    let from = node;
    for (;;) {
      const next = childOf(from, code);
      if (next !== 0 || from === 0) return next;
      from = fail[from]!;
    }
  };

  words.forEach((word, index) => {
    let node = 0;
    for (let i = 0; i < word.length; i++) {
      const code = word.charCodeAt(i);
      let next = childOf(node, code);
      if (next === 0) {
        next = nodes++;
        unit[next] = code;
        depth[next] = i + 1;
        if (node === 0) first[code] = next;
        else [sibling[next], child[node]] = [child[node]!, next];
      }
      node = next;
    }
    wordAt[node] = index;
  });

  // Level by level, as a suffix is shorter than what it ends.
  const queue = [...new Set(words.map((word) => first[word.charCodeAt(0)]!))];
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at]!;
    shorter[node] = wordAt[fail[node]!]! >= 0 ? fail[node]! : shorter[fail[node]!]!;
    for (let next = child[node]!; next !== 0; next = sibling[next]!) {
      fail[next] = step(fail[node]!, unit[next]!);
      queue.push(next);
    }
  }

  return {
    scan(text, found) {
      let node = 0;
      for (let i = 0; i < text.length; i++) {
        node = step(node, text.charCodeAt(i));
        for (let at = wordAt[node]! >= 0 ? node : shorter[node]!; at !== 0; at = shorter[at]!)
          found(wordAt[at]!, i + 1 - depth[at]!, i + 1);
      }
    },
  };
}
