/** @file Texts as sets of short runs of characters, so that likeness can be counted. */

/** Runs of 4 characters, or of 2 where most letters are of a script that writes no spaces. Case, punctuation and white space do not count;
 *  a link is a link and a handle is a handle, whichever. A run that comes in both sides of a pair counts twice, so the order of the sides
 *  does not matter. */
export function shinglesOf(text: string, pair?: string): ReadonlySet<string> {
  const shingles = new Set(runsOf(text));
  if (pair === undefined) return shingles;
  for (const run of runsOf(pair)) shingles.add(shingles.has(run) ? `${run}\u0000` : run);
  return shingles;
}

/** Of the size of both sets: what they share among all they have (Jaccard 1901). */
export function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const value of a) if (b.has(value)) shared += 1;
  return shared / (a.size + b.size - shared || 1);
}

function runsOf(text: string): Set<string> {
  const plain = simplify(text);
  const length = isUnspaced(plain) ? 2 : 4;
  const units = [...plain];
  const runs = new Set<string>();
  if (units.length <= length) return runs.add(plain);
  for (let at = 0; at + length <= units.length; at++) runs.add(units.slice(at, at + length).join(''));
  return runs;
}

function simplify(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/https?:\/\/\S+/g, ' \ue001 ')
    .replace(/@[\p{L}\p{N}_]+/gu, ' \ue002 ')
    .replace(/[^\p{L}\p{M}\p{N}\p{Extended_Pictographic}\ue001\ue002]+/gu, ' ')
    .trim();
}

function isUnspaced(text: string): boolean {
  const unspaced = text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/gu);
  return unspaced !== null && unspaced.length * 2 > (text.match(/\p{L}/gu)?.length ?? 0);
}
