/** A row of a file, and where it stands: a line number, or for a JSON array and Parquet the number of the entry. */
export type Row = { readonly value: unknown; readonly line: number };
