/** @file A file to rows: CSV, TSV, JSON Lines or plain text, packed or not; never more of it than fits. */
import { delimiterOf } from '../../../../models/rows/web.js';
import { type Parser, parse } from './csv-parse.mjs';
import type { Sheet } from './sheet.js';

export type ReadOptions = {
  readonly signal?: AbortSignal;
  /** Told after each part how many bytes of the file were read. */
  readonly onProgress?: (bytes: number) => void;
  /** Rows at most. Default 100,000. */
  readonly maxRows?: number;
  /** Characters at most, unpacked. Default 64 million. */
  readonly maxCharacters?: number;
};

type Format = 'csv' | 'tsv' | 'jsonl' | 'txt';

/** Takes text in parts; tells of its rows, and ends. */
type RowReader = { take(part: string): void; end(): Promise<void>; readonly columns: () => readonly string[] | undefined };
type Told = { row(values: readonly unknown[]): void; bad(): void };

const readers: { readonly [F in Format]: (told: Told, first: string) => RowReader } = {
  csv: (told, first) => separated(told, delimiterOf(firstLine(first))),
  tsv: (told) => separated(told, '\t'),
  jsonl: jsonLines,
  txt: (told) => ({ ...byLines((line) => line.trim() !== '' && told.row([line])), columns: () => ['text'] }),
};

/** A column of a name that ends in .gz, or begins as such files do, is unpacked.
 *  @throws DOMException the signal's reason; TypeError where what is packed is damaged */
export async function readSheet(file: File, options: ReadOptions = {}): Promise<Sheet> {
  const { signal, onProgress, maxRows = 100_000, maxCharacters = 64e6 } = options;
  const start = new Uint8Array(await file.slice(0, 3).arrayBuffer());
  const packed = start[0] === 0x1f && start[1] === 0x8b;
  let taken = 0;
  const counted = file.stream().pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(part, controller) {
        taken += part.length;
        controller.enqueue(part);
      },
    }),
  );
  const bytes = packed ? counted.pipeThrough(new DecompressionStream('gzip')) : counted;
  const parts = bytes.getReader();
  const rows: (readonly unknown[])[] = [];
  let [bad, characters, garbled] = [0, 0, false];
  const told: Told = {
    row: (values) => rows.length <= maxRows && rows.push(values),
    bad: () => {
      bad += 1;
    },
  };
  let decoder: TextDecoder | undefined;
  let reader: RowReader | undefined;
  const full = (): boolean => rows.length > maxRows || characters > maxCharacters;
  try {
    for (let part = await parts.read(); !part.done && !full(); part = await parts.read()) {
      signal?.throwIfAborted();
      decoder ??= decoderOf(part.value);
      const text = decoder.decode(part.value, { stream: true });
      garbled ||= text.includes('\ufffd');
      characters += text.length;
      reader ??= readers[formatOf(file.name, text)](told, text);
      reader.take(text);
      onProgress?.(taken);
    }
  } finally {
    await parts.cancel().catch(() => {});
  }
  if (reader && !full()) reader.take(decoder!.decode());
  await reader?.end();
  const cut = full();
  // What was cut off in its middle is not a row.
  return { columns: reader?.columns(), rows: rows.slice(0, maxRows), bad, cut, garbled };
}

/** By the name; a name that says nothing is decided by how the text begins. */
function formatOf(name: string, text: string): Format {
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const known = endings[ending];
  if (known) return known;
  if (text.trimStart().startsWith('{')) return 'jsonl';
  return firstLine(text).includes('\t') ? 'tsv' : 'txt';
}
const endings: Readonly<Record<string, Format>> = { csv: 'csv', tsv: 'tsv', tab: 'tsv', jsonl: 'jsonl', ndjson: 'jsonl', txt: 'txt' };

const firstLine = (text: string): string => /^[^\r\n]*/.exec(text)![0];

/** Spreadsheets also write UTF-16, and say so in the first two bytes. */
function decoderOf([first, second]: Uint8Array): TextDecoder {
  return new TextDecoder(first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8');
}

function separated({ row, bad }: Told, delimiter: string): RowReader {
  let failed: Error | undefined;
  const parser: Parser = parse({
    delimiter,
    skip_empty_lines: true,
    relax_quotes: true,
    relax_column_count: true,
    max_record_size: 2 ** 20,
    skip_records_with_error: true,
    // Taken as they are parsed: its stream keeps none.
    on_record(values) {
      row(values);
      return null;
    },
    on_skip: () => void bad(),
  }).on('error', (error) => {
    failed = error;
    bad();
  });
  parser.resume();
  return {
    columns: () => undefined,
    take(part) {
      if (!failed) parser.write(part);
    },
    end: () =>
      new Promise((resolve) => {
        if (failed) return resolve();
        parser.once('end', resolve).end();
      }),
  };
}

function jsonLines({ row, bad }: Told): RowReader {
  const columns: string[] = [];
  const places = new Map<string, number>();
  const placeOf = (name: string): number => {
    const known = places.get(name) ?? columns.push(name) - 1;
    places.set(name, known);
    return known;
  };
  const lines = byLines((line) => {
    if (line.trim() === '') return;
    try {
      const value: unknown = JSON.parse(line);
      const fields =
        typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [['text', value] as const];
      const values: unknown[] = [];
      for (const [name, one] of fields) values[placeOf(name)] = one;
      row(values);
    } catch {
      bad();
    }
  });
  return { ...lines, columns: () => columns };
}

function byLines(line: (line: string) => void): Pick<RowReader, 'take' | 'end'> {
  let rest = '';
  return {
    take(part) {
      const lines = (rest + part).split(/\r?\n/);
      rest = lines.pop()!;
      for (const one of lines) line(one);
    },
    async end() {
      if (rest !== '') line(rest);
    },
  };
}
