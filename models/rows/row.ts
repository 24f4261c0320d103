/** @file What comes out of a file: lines, rows, and what is neither. */

export type Line = { readonly number: number; readonly text: string };

/** A row of a file, and where it stands: a line number, or for a JSON array and Parquet the number of the entry. */
export type Row = { readonly value: unknown; readonly line: number };

/** A line that holds no row, while those after it may. */
export type BadLine = {
  readonly line: number;
  /** In few words, none of them the file's. */
  readonly reason: string;
  /** The line itself, where it is text. */
  readonly given?: string;
  /** For whoever stops here; may quote the file. */
  readonly error: Error;
};

export const isBad = (one: object): one is BadLine => 'error' in one;

/** Throws what is bad; the rest goes through. */
export async function* strict<T extends object>(given: AsyncIterable<T | BadLine>): AsyncGenerator<T> {
  for await (const one of given) {
    if (isBad(one)) throw one.error;
    yield one;
  }
}
