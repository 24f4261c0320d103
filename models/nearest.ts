/** @file What somebody may have meant. */

/**
 * The candidate with the fewest edits from `given`, if those are at most a third of its letters (2 in a short word of 4 or more, 1 in a
 * shorter one); else `undefined`. Case does not count; of equals the first is taken.
 */
export function nearest(given: string, candidates: readonly string[]): string | undefined {
  const typed = given.slice(0, longest).toLowerCase();
  let best: string | undefined;
  let fewest = Math.max(typed.length < 4 ? 1 : 2, Math.floor(typed.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - typed.length) >= fewest) continue;
    const edits = editDistance(typed, candidate.toLowerCase());
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

/** Letters that are looked at: what a stranger sends must not cost more than a real name would. */
const longest = 64;

/** Levenshtein distance with swapped neighbours as one edit ("lable" is one from "label"), row by row. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substituted, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
