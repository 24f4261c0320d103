/** @file A row of a file as a text to classify, or why it is none. */
import type { TextInput } from '../../models/index.js';
import { UsageError } from '../../models/index.js';
import { type BadLine, isBad, type Line, type Row } from '../../models/rows/node.js';

export type TextRow = {
  readonly text: string;
  readonly pair?: string;
  readonly line: number;
  /** All fields of the row; for a bare text, its `text`. */
  readonly fields: Readonly<Record<string, unknown>>;
};

/** What the rows call the text and the pair. */
export type FieldNames = { readonly text?: string | undefined; readonly pair?: string | undefined };

export const askedOf = ({ text, pair }: Pick<TextRow, 'text' | 'pair'>): TextInput => (pair === undefined ? text : [text, pair]);

/** @param path what messages call the file */
export async function* textRows(
  path: string,
  rows: AsyncIterable<Row | BadLine>,
  names: FieldNames = {},
): AsyncGenerator<TextRow | BadLine> {
  for await (const row of rows) yield isBad(row) ? row : toTextRow(path, row, names);
}

/** Of a file with a text on each line; empty lines are none. */
export async function* plainRows(lines: AsyncIterable<Line | BadLine>): AsyncGenerator<TextRow | BadLine> {
  for await (const line of lines) {
    if (isBad(line)) yield line;
    else if (line.text.trim() !== '') yield { text: line.text, line: line.number, fields: { text: line.text } };
  }
}

function toTextRow(
  path: string,
  { value, line }: Row,
  { text: textField = 'text', pair: pairField = 'pair' }: FieldNames,
): TextRow | BadLine {
  const bad = (reason: string, more = ''): BadLine =>
    badLine(path, line, reason, `${reason}${more}`, 'write one JSON object a line, such as {"text": "…"}, or a JSON string.', value);
  if (typeof value === 'string') return { text: value, line, fields: { text: value } };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return bad('neither an object nor a string');
  const { [textField]: text, [pairField]: pair } = value as Record<string, unknown>;
  if (text === undefined) return bad(`no ${textField}`);
  if (typeof text !== 'string') return badValue(textField, text);
  if (pair !== undefined && pair !== null && typeof pair !== 'string') return badValue(pairField, pair);
  return { text, line, fields: value as Record<string, unknown>, ...(typeof pair === 'string' ? { pair } : {}) };

  function badValue(field: string, found: unknown): BadLine {
    const fix = 'write one JSON object a line, such as {"text": "…"}, or a JSON string.';
    return badLine(path, line, `${field} is no string`, `${field} is ${JSON.stringify(found)}, not a string`, fix, value);
  }
}

/** @param reason without a word of the file
 *  @param what may quote it */
export function badLine(path: string, line: number, reason: string, what: string, fix: string, value?: unknown): BadLine {
  const given = value === undefined ? {} : { given: typeof value === 'string' ? value : JSON.stringify(value) };
  return { line, reason, ...given, error: new UsageError('data/invalid', `${path}:${line}: ${what}`, fix) };
}

/** @param problem why a model cannot be asked this text */
export async function* acceptable(
  path: string,
  rows: AsyncIterable<TextRow | BadLine>,
  problem: (row: TextRow) => { readonly what: string; readonly fix: string } | undefined,
): AsyncGenerator<TextRow | BadLine> {
  for await (const row of rows) {
    const found = isBad(row) ? undefined : problem(row);
    if (!found || isBad(row)) yield row;
    else yield badLine(path, row.line, found.what, found.what, `${found.fix}.`, row.fields);
  }
}
