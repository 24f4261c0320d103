/** @file Texts to classify, one at a time, out of a file or of stdin. */
import type { Readable } from 'node:stream';
import { type BadLine, isBad, jsonRowsFrom, scanLines, scanLinesFrom, strict } from '../models/rows/node.js';
import { type FieldNames, plainRows, type TextRow, textRows } from '../serving/index.js';
import { scanRows } from '../training/index.js';

export type Input = TextRow & {
  /** File and line, for messages. */
  readonly where: string;
};

/** @throws UsageError `data/missing` for the file, `data/invalid` for the first line that is no text */
export const readInputs = (file: string, stdin: Readable, names: FieldNames = {}): AsyncGenerator<Input> =>
  strict(scanInputs(file, stdin, names));

/** However large the file; a line that is no text comes as what is wrong with it. */
export async function* scanInputs(file: string, stdin: Readable, names: FieldNames = {}): AsyncGenerator<Input | BadLine> {
  const path = file === '-' ? 'stdin' : file;
  for await (const row of rowsOf(file, stdin, names)) yield isBad(row) ? row : { ...row, where: `${path}:${row.line}` };
}

const limits = { totalBytes: Number.POSITIVE_INFINITY };

function rowsOf(file: string, stdin: Readable, names: FieldNames): AsyncGenerator<TextRow | BadLine> {
  if (file === '-') return textRows('stdin', jsonRowsFrom('stdin', scanLinesFrom('stdin', stdin, limits)), names);
  if (/\.txt(\.gz)?$/i.test(file)) return plainRows(scanLines(file, limits));
  return textRows(file, scanRows(file, limits), names);
}
