/** @file Rows of a file, before anything is known of what they mean. */

export type Sheet = {
  /** Names of the columns where the file has them outside its rows, as JSON Lines do; else the first row may be a header. */
  readonly columns: readonly string[] | undefined;
  /** A value a column; shorter where the last ones are missing. */
  readonly rows: readonly (readonly unknown[])[];
  /** Rows that could not be read. */
  readonly bad: number;
  /** Whether the file has more than may be read at once. */
  readonly cut: boolean;
  /** Whether it holds signs that are not UTF-8. */
  readonly garbled: boolean;
};

/** Named columns over rows of values. */
export type Table = { readonly columns: readonly string[]; readonly rows: readonly (readonly unknown[])[] };

/** Names that are missing or doubled get one. @param header whether the first row is one; of no account where the file names its columns */
export function tableOf({ columns, rows }: Sheet, header: boolean): Table {
  if (columns) return { columns, rows };
  const width = Math.max(0, ...rows.slice(0, 1000).map((row) => row.length));
  const names: string[] = [];
  for (let i = 0; i < width; i++) {
    const given = header ? cellText(rows[0]?.[i]).trim() : '';
    names.push(given === '' || names.includes(given) ? `column ${i + 1}` : given);
  }
  return { columns: names, rows: header ? rows.slice(1) : rows };
}

/** What stands in a cell, as text. */
export const cellText = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

const usual = [
  'text',
  'texts',
  'title',
  'headline',
  'comment',
  'content',
  'body',
  'message',
  'sentence',
  'story',
  'post',
  'tweet',
  '文本',
  '标题',
  '内容',
];

/** The column that most likely holds the texts: by its name, else the longest. */
export function guessTextColumn({ columns, rows }: Table): number {
  const named = usual.map((name) => columns.findIndex((one) => one.toLowerCase() === name)).find((at) => at >= 0);
  if (named !== undefined) return named;
  const seen = rows.slice(0, 200);
  const lengths = columns.map((_, i) => seen.reduce((sum, row) => sum + cellText(row[i]).length, 0));
  return Math.max(0, lengths.indexOf(Math.max(...lengths)));
}

/** Whether the first row looks like names and not like a text: short, and none is a number. */
export const looksLikeHeader = ([first, ...rest]: Sheet['rows']): boolean =>
  first !== undefined && rest.length > 0 && first.every((cell) => cellText(cell).length <= 40 && !/^[\d.,\s-]+$/.test(cellText(cell)));
