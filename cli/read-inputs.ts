/** @file Texts to classify, one at a time, out of a file or of stdin. */
import type { Readable } from 'node:stream';
import { UsageError } from '../models/index.js';
import { type Fields, type Line, linesFrom, readLines, readRows } from '../training/index.js';

export type Input = {
  readonly text: string;
  readonly pair?: string;
  /** File and line, for messages. */
  readonly where: string;
  /** All fields of the line; for a bare text, its `text`. */
  readonly fields: Readonly<Record<string, unknown>>;
};

/** What the lines call the text and the pair. */
type Names = Pick<Fields, 'text' | 'pair'>;

/** @throws UsageError `data/missing` for the file, `data/invalid` for the first line that is no text */
export async function* readInputs(file: string, stdin: Readable, names: Names = {}): AsyncGenerator<Input> {
  if (file === '-') {
    for await (const line of linesFrom('stdin', stdin))
      if (line.text.trim() !== '') yield toInput(parseLine(line), `stdin:${line.number}`, names);
  } else if (/\.txt(\.gz)?$/i.test(file)) {
    for await (const { text, number } of readLines(file))
      if (text.trim() !== '') yield { text, where: `${file}:${number}`, fields: { text } };
  } else {
    for await (const { value, line } of readRows(file)) yield toInput(value, `${file}:${line}`, names);
  }
}

function parseLine({ number, text }: Line): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`stdin:${number}`, `not JSON (${(error as Error).message})`);
  }
}

function toInput(value: unknown, where: string, { text: textField = 'text', pair: pairField = 'pair' }: Names): Input {
  if (typeof value === 'string') return { text: value, where, fields: { text: value } };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(where, 'neither an object nor a string');
  const { [textField]: text, [pairField]: pair } = value as Record<string, unknown>;
  if (typeof text !== 'string')
    throw invalid(where, text === undefined ? `no ${textField}` : `${textField} is ${JSON.stringify(text)}, not a string`);
  if (pair !== undefined && pair !== null && typeof pair !== 'string')
    throw invalid(where, `${pairField} is ${JSON.stringify(pair)}, not a string`);
  return { text, where, fields: value as Record<string, unknown>, ...(typeof pair === 'string' ? { pair } : {}) };
}

function invalid(where: string, what: string): UsageError {
  return new UsageError('data/invalid', `${where}: ${what}`, 'write one JSON object a line, such as {"text": "…"}, or a JSON string.');
}
