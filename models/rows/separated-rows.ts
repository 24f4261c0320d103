/** @file Rows of CSV and TSV, named by the header. */
import { type CsvError, type Parser, parse } from 'csv-parse';
import { type Delimiter, delimiterOf } from './delimiter.js';
import { invalid, type ReadLimits, scanLines } from './read-lines.js';
import { type BadLine, isBad, type Line, type Row } from './row.js';

export type Separated = 'csv' | 'tsv';

export const separatedRows = (path: string, kind: Separated, limits: ReadLimits = {}): AsyncGenerator<Row | BadLine> =>
  separatedRowsFrom(path, kind, scanLines(path, limits), limits);

/** @param path what messages call the file
 *  @param kind csv: by commas, or by what its header says (`delimiterOf`) */
export async function* separatedRowsFrom(
  path: string,
  kind: Separated,
  lines: AsyncIterable<Line | BadLine>,
  limits: Pick<ReadLimits, 'lineBytes'> = {},
): AsyncGenerator<Row | BadLine> {
  const found: (Row | BadLine)[] = [];
  let delimiter: Delimiter = '\t';
  let header: string[] | undefined;
  /** Lines before the first of the parser that is at work. */
  let base = 0;
  let skipped: number | undefined;
  let fatal: Error | undefined;
  const fresh = (): Parser => {
    const parser = parse({
      columns:
        header ??
        ((names: string[]) => {
          header = names.map((name) => name.trim());
          return header;
        }),
      delimiter,
      skip_empty_lines: true,
      relax_quotes: kind === 'tsv', // tab-separated files often hold bare quotation marks
      max_record_size: limits.lineBytes ?? 2 ** 20,
      skip_records_with_error: true,
      // Taken as they are parsed, not from its stream: so records and those that it skips come in the order of the file.
      on_record: (value: unknown, { lines: line }) => {
        if (skipped === undefined) found.push({ value, line: base + line });
        return null;
      },
      on_skip: (error, given) => {
        if (!error || skipped !== undefined) return undefined;
        const one = bad(path, base, error, delimiter, given);
        found.push(one);
        skipped = one.line;
        return undefined;
      },
    });
    return parser.on('error', (error: CsvError) => {
      fatal = bad(path, base, error, delimiter).error;
    });
  };
  let parser: Parser | undefined;
  for await (const line of lines) {
    // A line that cannot be read is an empty one to the parser, which counts them.
    const [number, text] = isBad(line) ? [line.line, ''] : [line.number, line.text];
    if (!parser && text.trim() !== '') {
      if (kind === 'csv') delimiter = delimiterOf(text);
      base = number - 1;
      parser = fresh();
    }
    if (!parser) {
      if (isBad(line)) yield line;
      continue;
    }
    parser.write(`${text}\n`);
    while (skipped !== undefined) {
      // After a quote in the wrong place it would read the rest of the file as one field. It may be a line behind.
      const behind = skipped < number;
      base = behind ? number - 1 : number;
      skipped = undefined;
      parser = fresh();
      if (behind) parser.write(`${text}\n`);
    }
    yield* found.splice(0);
    if (isBad(line)) yield line;
    if (fatal) throw fatal;
  }
  if (!parser) return;
  const last = parser;
  await new Promise<void>((resolve) => {
    last.once('close', resolve).resume().end();
  });
  yield* found.splice(0);
  if (fatal) throw fatal;
}

function bad(path: string, base: number, error: CsvError, delimiter: Delimiter, given?: string): BadLine {
  const line = base + ((error as CsvError & { lines?: number }).lines ?? 1);
  const fix = `give each row as many fields as the header; put a field that holds ${delimiterNames[delimiter]}, a quote or a newline in "double quotes", with "" for a quote.`;
  const reason = reasons[error.code] ?? 'not a row of this file';
  return { line, reason, ...(given === undefined ? {} : { given }), error: invalid(path, line, error.message.split('\n')[0]!, fix) };
}

const delimiterNames: { readonly [D in Delimiter]: string } = { ',': 'a comma', ';': 'a semicolon', '\t': 'a tab' };
const reasons: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_COLUMNS: 'not as many fields as the header',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'not as many fields as the header',
  CSV_INVALID_CLOSING_QUOTE: 'something follows a closing quote',
  INVALID_OPENING_QUOTE: 'a quote inside a field',
  CSV_QUOTE_NOT_CLOSED: 'a quote that is not closed',
  CSV_MAX_RECORD_SIZE: 'the row is too long',
};
