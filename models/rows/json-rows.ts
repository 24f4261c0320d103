/** @file Rows of JSON lines. */
import { invalid, type ReadLimits, scanLines } from './read-lines.js';
import { type BadLine, isBad, type Line, type Row } from './row.js';

export const jsonRows = (path: string, limits: ReadLimits = {}): AsyncGenerator<Row | BadLine> =>
  jsonRowsFrom(path, scanLines(path, limits));

/** Empty lines are no rows. @param path what messages call the file */
export async function* jsonRowsFrom(path: string, lines: AsyncIterable<Line | BadLine>): AsyncGenerator<Row | BadLine> {
  for await (const line of lines) {
    if (isBad(line)) yield line;
    else if (line.text.trim() !== '') yield parseJsonRow(path, line);
  }
}

export function parseJsonRow(path: string, { number: line, text }: Line): Row | BadLine {
  try {
    return { value: JSON.parse(text), line };
  } catch (error) {
    const start = JSON.stringify(text.slice(0, 60) + (text.length > 60 ? '…' : ''));
    const message = error instanceof Error ? error.message : String(error);
    const fix = 'write one JSON object a line, such as {"text": "…", "label": "…"}, with double quotes and no comma after it.';
    return { line, reason: 'not JSON', given: text, error: invalid(path, line, `not JSON (${message}): ${start}`, fix) };
  }
}
