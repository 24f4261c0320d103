/** @file What was read, as files: the columns that came, and beside them what the model said. */
import type { Answer } from '../../asking/index.js';
import { cellText, type Table } from './sheet.js';

/** An answer, why there is none, or nothing where the row was not read. */
export type RowResult = Answer | { readonly error: string } | undefined;

const isAnswer = (result: RowResult): result is Answer => result !== undefined && 'decision' in result;

/** What a verdict is sorted and shown by. */
export type Cells = { readonly decision: string; readonly label: string; readonly score: number | undefined; readonly error: string };

export function cellsOf(result: RowResult): Cells {
  if (!isAnswer(result)) return { decision: '', label: '', score: undefined, error: result?.error ?? '' };
  const { decision } = result;
  if ('values' in result) {
    const [first] = Object.entries(result.values);
    return { decision, label: first?.[0] ?? '', score: first?.[1], error: '' };
  }
  const { label, labels = [label], scores } = result;
  return { decision, label: labels.join(', '), score: scores[label], error: '' };
}

/** One object a line, as it came, with the verdict under `copydesk`. */
export function toJsonLines({ columns, rows }: Table, results: readonly RowResult[]): string[] {
  return rows.map((row, i) => {
    const given = Object.fromEntries(columns.flatMap((name, at) => (row[at] === undefined ? [] : [[name, row[at]]])));
    return `${JSON.stringify({ ...given, ...(results[i] ? { copydesk: results[i] } : {}) })}\n`;
  });
}

/** Comma-separated, in UTF-8 with its mark, which spreadsheets look for. No cell begins what a spreadsheet would compute. */
export function toCsv({ columns, rows }: Table, results: readonly RowResult[]): string[] {
  const said = results.find(isAnswer);
  const names = said ? Object.keys('values' in said ? said.values : said.scores) : [];
  const own = ['decision', 'label', ...names.map((name) => `score ${name}`), 'model', 'version', 'error'].map((name) => `copydesk ${name}`);
  const head = [...columns, ...own].map(csvCell).join(',');
  const lines = rows.map((row, i) => {
    const result = results[i];
    const { decision, label, error } = cellsOf(result);
    const values = isAnswer(result) ? ('values' in result ? result.values : result.scores) : {};
    const about = isAnswer(result) ? [result.model, result.version] : ['', ''];
    const verdict = [decision, label, ...names.map((name) => values[name]), ...about, error];
    return [...columns.map((_, at) => row[at]), ...verdict].map(csvCell).join(',');
  });
  return [`\ufeff${head}\r\n`, ...lines.map((line) => `${line}\r\n`)];
}

/** Cells that begin so are formulas to spreadsheets, which may fetch and run things; wide forms of the signs too. Plain numbers are left. */
const formula = /^\s*[=+\-@＝＋－＠\t\r]/;
const number = /^[+-]?(\d+([.,]\d+)*|\.\d+)(e[+-]?\d+)?$/i;

function csvCell(value: unknown): string {
  const text = cellText(value);
  const safe = formula.test(text) && !number.test(text) ? `'${text}` : text;
  return /[",;\t\r\n']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
