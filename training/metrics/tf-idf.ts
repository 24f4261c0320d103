/** @file Texts as sparse vectors of what words and letters they are made of. */

/** Rows one after another: row `i` has the entries `starts[i]` to `starts[i + 1]`. */
export type SparseRows = {
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array;
};

export type TextOrPair = { readonly text: string; readonly pair?: string };

/** Features are hashed into this many columns, so no dictionary is kept. */
export const tfIdfColumns = 2 ** 21;

/** Learns how rare each feature is. Returns a function from texts to rows, weighted by count · (1 + ln((1 + texts) / (1 + texts that have it))),
 *  as scikit-learn does, in two blocks of length 1: words, pairs of words, and runs of 2 to 5 letters within words. Scripts that are written
 *  without spaces have runs of 1 to 3 characters for words. Of a pair it is told apart which features both texts have and which only one. */
export function fitTfIdf(texts: readonly TextOrPair[]): (texts: readonly TextOrPair[]) => SparseRows {
  const documents = new Uint32Array(tfIdfColumns);
  for (const text of texts) for (const block of blocksOf(text)) for (const column of block.keys()) documents[column]! += 1;
  const idf = Float32Array.from(documents, (count) => 1 + Math.log((1 + texts.length) / (1 + count)));
  return (given) => {
    const starts = new Uint32Array(given.length + 1);
    const columns: number[][] = [];
    const values: number[][] = [];
    given.forEach((text, row) => {
      const rowColumns: number[] = [];
      const rowValues: number[] = [];
      for (const block of blocksOf(text)) {
        const weights = [...block].flatMap(([column, count]) => (documents[column] ? [[column, count * idf[column]!] as const] : []));
        const length = Math.sqrt(weights.reduce((sum, [, weight]) => sum + weight * weight, 0)) || 1;
        for (const [column, weight] of weights) {
          rowColumns.push(column);
          rowValues.push(weight / length);
        }
      }
      columns.push(rowColumns);
      values.push(rowValues);
      starts[row + 1] = starts[row]! + rowColumns.length;
    });
    return { starts, columns: join(Uint32Array, columns, starts), values: join(Float32Array, values, starts) };
  };
}

/** How often each feature occurs, by its hash. */
type Counts = Map<number, number>;

/** How often each column occurs: of words, of letters. */
function blocksOf({ text, pair }: TextOrPair): readonly Counts[] {
  const first = featuresOf(text);
  if (pair === undefined) return first.map((counts) => folded(counts));
  const second = featuresOf(pair);
  return first.map((counts, block) => overlap(counts, second[block]!));
}

/** What both texts of a pair have and what only one has, whichever of them: the order of the two does not matter. */
function overlap(first: Counts, second: Counts): Counts {
  const columns: Counts = new Map();
  const note = (hash: number, seed: number) => columns.set(fold(Math.imul(hash ^ seed, prime)), 1);
  for (const hash of first.keys()) note(hash, second.has(hash) ? inBoth : inOne);
  for (const hash of second.keys()) if (!first.has(hash)) note(hash, inOne);
  return columns;
}

const [inBoth, inOne] = [0x2b0f, 0x51c3];

// Runs of letters of one such script are no words, and a script of this kind beside another ends a word.
const unspaced =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const tokens = new RegExp(`[${unspaced}]|(?:(?![${unspaced}])[\\p{L}\\p{N}_])+|\\S`, 'gu');
const isUnspaced = new RegExp(`^[${unspaced}]`, 'u');
const betweenWords = new RegExp(`[\\s${unspaced}]+`, 'u');

function featuresOf(text: string): readonly Counts[] {
  const lower = text.toLowerCase();
  const words = lower.match(tokens) ?? [];
  const ofWords: Counts = new Map();
  const ofLetters: Counts = new Map();
  words.forEach((word, at) => {
    add(ofWords, `w${word}`);
    if (at > 0) add(ofWords, `p${words[at - 1]} ${word}`);
    if (at > 1 && isUnspaced.test(word)) add(ofWords, `t${words[at - 2]} ${words[at - 1]} ${word}`);
  });
  for (const word of lower.split(betweenWords)) {
    if (!word) continue;
    const padded = ` ${word} `;
    for (let start = 0; start < padded.length - 1; start++) {
      for (let end = start + 2; end <= Math.min(start + 5, padded.length); end++) add(ofLetters, padded, start, end);
    }
  }
  return [ofWords, ofLetters];
}

const prime = 0x01000193;

/** FNV-1a over UTF-16 units. */
function add(counts: Counts, text: string, start = 0, end = text.length): void {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime);
  counts.set(hash, (counts.get(hash) ?? 0) + 1);
}

function fold(hash: number): number {
  return (hash ^ (hash >>> 21)) & (tfIdfColumns - 1);
}

function folded(counts: Counts): Counts {
  const columns: Counts = new Map();
  for (const [hash, count] of counts) columns.set(fold(hash), (columns.get(fold(hash)) ?? 0) + count);
  return columns;
}

function join<T extends Uint32Array | Float32Array>(kind: new (length: number) => T, rows: readonly number[][], starts: Uint32Array): T {
  const all = new kind(starts.at(-1)!);
  rows.forEach((row, i) => {
    all.set(row, starts[i]!);
  });
  return all;
}
