/** @file What a file of texts can be: how its media type is written, how its rows are read. */
import { createReadStream } from 'node:fs';
import { type BadLine, jsonRowsFrom, type Line, scanLinesFrom, separatedRowsFrom } from '../../models/rows/node.js';
import { ServiceError, shown } from '../protocol/index.js';
import type { ContentKind, jobFormats } from './job.js';
import { type FieldNames, plainRows, type TextRow, textRows } from './text-row.js';

type Rows = AsyncGenerator<TextRow | BadLine>;
type Reader = (lines: AsyncGenerator<Line | BadLine>, names: FieldNames) => Rows;

/** What messages call the file. */
export const fileName = 'file';

const readers: { readonly [K in ContentKind]: Reader } = {
  jsonl: (lines, names) => textRows(fileName, jsonRowsFrom(fileName, lines), names),
  csv: (lines, names) => textRows(fileName, separatedRowsFrom(fileName, 'csv', lines), names),
  text: (lines) => plainRows(lines),
};

export const mediaTypes: { readonly [K in ContentKind]: readonly string[] } = {
  jsonl: ['application/x-ndjson', 'application/jsonl', 'application/json-lines', 'application/json'],
  csv: ['text/csv'],
  text: ['text/plain'],
};

export const resultTypes: { readonly [F in (typeof jobFormats)[number]]: string } = { jsonl: 'application/x-ndjson', csv: 'text/csv' };

/** However long the file is. */
export const rowsOf = (path: string, content: ContentKind, names: FieldNames): Rows =>
  readers[content](scanLinesFrom(fileName, createReadStream(path), { totalBytes: Number.POSITIVE_INFINITY }), names);

/** @throws ServiceError `unsupported-content-type` */
export function contentKindOf(header: string | undefined): ContentKind {
  const type = header?.split(';')[0]?.trim().toLowerCase() ?? '';
  for (const [kind, types] of Object.entries(mediaTypes)) if (types.includes(type)) return kind as ContentKind;
  const what = header === undefined ? 'the request has no content-type' : `the content-type is ${shown(type, 'another')}`;
  const known = Object.values(mediaTypes).map(([first]) => first);
  throw new ServiceError('unsupported-content-type', what, `send JSON lines, CSV or a text a line, as ${known.join(', ')}`);
}
