/** @file Rows out of the file formats we read: JSON Lines, a JSON array, CSV, TSV, Parquet. What a row must hold is `read-examples.ts`'s business. */
import { UsageError } from '../../models/index.js';
import {
  type BadLine,
  invalid,
  isBad,
  jsonRows,
  parseJsonRow,
  type ReadLimits,
  type Row,
  scanLines,
  separatedRows,
  strict,
} from '../../models/rows/node.js';
import { parquetRows } from './read-parquet.js';

export type { Row };

type RowReader = (path: string, limits: ReadLimits) => AsyncGenerator<Row | BadLine>;

const readers: { readonly [extension: string]: RowReader } = {
  jsonl: jsonRows,
  ndjson: jsonRows,
  json: jsonArrayOrLines,
  csv: (path, limits) => separatedRows(path, 'csv', limits),
  tsv: (path, limits) => separatedRows(path, 'tsv', limits),
  parquet: parquetRows,
};

/** Chosen by the extension, with or without `.gz` after it.
 *  @throws UsageError `data/invalid` for an unknown extension or a row that cannot be parsed, with file and line */
export const readRows = (path: string, limits: ReadLimits = {}): AsyncGenerator<Row> => strict(scanRows(path, limits));

/** The same, but that a row that cannot be parsed comes as what is wrong with it. */
export function scanRows(path: string, limits: ReadLimits = {}): AsyncGenerator<Row | BadLine> {
  const extension = /\.([a-z]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const reader = readers[extension];
  if (reader) return reader(path, limits);
  const known = Object.keys(readers).flatMap((name) => (name === 'parquet' ? [] : [`.${name}`]));
  throw new UsageError(
    'data/invalid',
    `${path}: the name does not say what is in it`,
    `name it ${known.join(', ')}, each also with .gz, or .parquet.`,
  );
}

async function* jsonArrayOrLines(path: string, limits: ReadLimits): AsyncGenerator<Row | BadLine> {
  const array: string[] = [];
  for await (const line of scanLines(path, limits)) {
    if (isBad(line)) {
      if (array.length > 0) throw line.error;
      yield line;
    } else if (array.length > 0 || line.text.trimStart().startsWith('[')) array[line.number - 1] = line.text;
    else if (line.text.trim() !== '') yield parseJsonRow(path, line);
  }
  if (array.length > 0) yield* parseArray(path, Array.from(array, (line) => line ?? '').join('\n'));
}

function parseArray(path: string, text: string): Row[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const position = Number(/position (\d+)/.exec(reasonOf(error))?.[1] ?? text.length);
    const line = text.slice(0, position).split('\n').length;
    throw invalid(path, line, `not JSON (${reasonOf(error)})`, 'write a JSON array of objects, or one object a line without the brackets.');
  }
  return (parsed as unknown[]).map((value, at) => ({ value, line: at + 1 }));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
