/** @file Rows out of the file formats we read: JSON Lines, a JSON array, CSV, TSV, Parquet. What a row must hold is `read-examples.ts`'s business. */
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { UsageError } from '../../models/index.js';
import { invalid, type ReadLimits, readLines } from './read-lines.js';
import { parquetRows } from './read-parquet.js';
import type { Row } from './row.js';

export type { Row } from './row.js';

type RowReader = (path: string, limits: ReadLimits) => AsyncGenerator<Row>;

const readers: { readonly [extension: string]: RowReader } = {
  jsonl: jsonLines,
  ndjson: jsonLines,
  json: jsonArrayOrLines,
  csv: (path, limits) => separated(path, ',', limits),
  tsv: (path, limits) => separated(path, '\t', limits),
  parquet: parquetRows,
};

/** Chosen by the extension, with or without `.gz` after it.
 *  @throws UsageError `data/invalid` for an unknown extension or a row that cannot be parsed, with file and line */
export function readRows(path: string, limits: ReadLimits = {}): AsyncGenerator<Row> {
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

async function* jsonLines(path: string, limits: ReadLimits): AsyncGenerator<Row> {
  for await (const { number, text } of readLines(path, limits)) {
    if (text.trim() !== '') yield { value: parseLine(path, number, text), line: number };
  }
}

async function* jsonArrayOrLines(path: string, limits: ReadLimits): AsyncGenerator<Row> {
  const array: string[] = [];
  for await (const { number, text } of readLines(path, limits)) {
    if (array.length > 0 || text.trimStart().startsWith('[')) array[number - 1] = text;
    else if (text.trim() !== '') yield { value: parseLine(path, number, text), line: number };
  }
  if (array.length > 0) yield* parseArray(path, Array.from(array, (line) => line ?? '').join('\n'));
}

function parseLine(path: string, line: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const start = JSON.stringify(text.slice(0, 60) + (text.length > 60 ? '…' : ''));
    const fix = 'write one JSON object a line, such as {"text": "…", "label": "…"}, with double quotes and no comma after it.';
    throw invalid(path, line, `not JSON (${reasonOf(error)}): ${start}`, fix);
  }
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

async function* separated(path: string, delimiter: string, limits: ReadLimits): AsyncGenerator<Row> {
  const parser = parse({
    columns: (names: string[]) => names.map((name) => name.trim()),
    delimiter,
    info: true,
    skip_empty_lines: true,
    relax_quotes: delimiter === '\t', // tab-separated files often hold bare quotation marks
    max_record_size: limits.lineBytes ?? 2 ** 20,
  });
  const lines = async function* () {
    for await (const { text } of readLines(path, limits)) yield `${text}\n`;
  };
  pipeline(Readable.from(lines()), parser, () => {}); // its errors come out of the loop below
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: unknown; info: { lines: number } }>) {
      yield { value: record, line: info.lines };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = (error as CsvError & { lines?: number }).lines ?? 1;
    const fix = `give each row as many fields as the header; put a field that holds ${delimiter === ',' ? 'a comma' : 'a tab'}, a quote or a newline in "double quotes", with "" for a quote.`;
    throw invalid(path, line, error.message.split('\n')[0]!, fix);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
