/** @file Texts as sparse vectors of what words and letters they are made of. */

/** Rows one after another: row `i` has the entries `starts[i]` to `starts[i + 1]`. */
export type SparseRows = {
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array;
};

/** Features are hashed into this many columns, so no dictionary is kept. */
export const tfIdfColumns = 2 ** 21;

/** Learns how rare each feature is. Returns a function from texts to rows: words and pairs of words, and runs of 2 to 5 letters within words,
 *  weighted by (1 + ln count) · (1 + ln((1 + texts) / (1 + texts that have it))), each of the two blocks with length 1. */
export function fitTfIdf(texts: readonly string[]): (texts: readonly string[]) => SparseRows {
  const documents = new Uint32Array(tfIdfColumns);
  for (const text of texts) for (const block of featuresOf(text)) for (const column of block.keys()) documents[column]! += 1;
  const idf = Float32Array.from(documents, (count) => 1 + Math.log((1 + texts.length) / (1 + count)));
  return (given) => {
    const starts = new Uint32Array(given.length + 1);
    const columns: number[][] = [];
    const values: number[][] = [];
    given.forEach((text, row) => {
      const rowColumns: number[] = [];
      const rowValues: number[] = [];
      for (const block of featuresOf(text)) {
        const weights = [...block].flatMap(([column, count]) =>
          documents[column] ? [[column, (1 + Math.log(count)) * idf[column]!] as const] : [],
        );
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

/** How often each hashed feature occurs: of words, of letters. */
function featuresOf(text: string): readonly Map<number, number>[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]+|\S/gu) ?? [];
  const ofWords = new Map<number, number>();
  const ofLetters = new Map<number, number>();
  words.forEach((word, at) => {
    add(ofWords, `w${word}`);
    if (at > 0) add(ofWords, `p${words[at - 1]} ${word}`);
  });
  for (const word of text.toLowerCase().split(/\s+/)) {
    if (!word) continue;
    const padded = ` ${word} `;
    for (let start = 0; start < padded.length - 1; start++) {
      for (let end = start + 2; end <= Math.min(start + 5, padded.length); end++) add(ofLetters, padded, start, end);
    }
  }
  return [ofWords, ofLetters];
}

/** FNV-1a over UTF-16 units, folded into the columns. */
function add(counts: Map<number, number>, text: string, start = 0, end = text.length): void {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  const column = (hash ^ (hash >>> 21)) & (tfIdfColumns - 1);
  counts.set(column, (counts.get(column) ?? 0) + 1);
}

function join<T extends Uint32Array | Float32Array>(kind: new (length: number) => T, rows: readonly number[][], starts: Uint32Array): T {
  const all = new kind(starts.at(-1)!);
  rows.forEach((row, i) => {
    all.set(row, starts[i]!);
  });
  return all;
}
