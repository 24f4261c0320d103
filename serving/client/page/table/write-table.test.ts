import { expect, test } from 'vitest';
import { readSheet } from './read-sheet.js';
import type { RowResult } from './write-table.js';
import { toCsv, toJsonLines } from './write-table.js';

const verdict = (label: string, score: number): RowResult =>
  ({ label, score, scores: { lure: score, news: 1 - score }, decision: 'publish', threshold: null, rule: { kind: 'none' }, model: 'm', version: 'v1', decidedBy: 'model' }) as unknown as RowResult; // biome-ignore format: one idea

const table = (...texts: readonly unknown[]) => ({ columns: ['text'], rows: texts.map((text) => [text]) });
const cells = async (csv: readonly string[]) => (await readSheet(new File([...csv], 'written.csv'))).rows;

test('CSV: what came, then the verdict, under names of its own', async () => {
  const csv = await cells(toCsv({ columns: ['label', 'text'], rows: [['x', 'a, "b"\nc']] }, [verdict('lure', 0.75)]));
  expect(csv).toEqual([
    ['label', 'text', ...['decision', 'label', 'score lure', 'score news', 'model', 'version', 'error'].map((name) => `copydesk ${name}`)],
    ['x', 'a, "b"\nc', 'publish', 'lure', '0.75', '0.25', 'm', 'v1', ''],
  ]);
});

test('CSV: what a spreadsheet would compute is text, also after blanks and in wide forms, in names of columns too; numbers are left', async () => {
  const dangerous = ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', ' =1', '＝1', '\r=1', '-1;=2'];
  const harmless = ['-3.5', '+1e5', '-1,000', 'a=1', '1-2', ''];
  const csv = await cells(toCsv(table(...dangerous, ...harmless), []));
  expect(csv.slice(1).map(([text]) => text)).toEqual([...dangerous.map((text) => `'${text}`), ...harmless]);
  expect(toCsv({ columns: ['=x'], rows: [] }, [])[0]).toMatch(/^\ufeff"'=x"/);
});

test('JSON Lines: rows as they came, unread ones without a verdict, refused ones with the reason', () => {
  const lines = toJsonLines({ columns: ['text', 'n'], rows: [['=a', 1], ['b'], ['c']] }, [verdict('news', 0.25), undefined, { error: 'too long' }]); // biome-ignore format: one line
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { text: '=a', n: 1, copydesk: verdict('news', 0.25) },
    { text: 'b' },
    { text: 'c', copydesk: { error: 'too long' } },
  ]);
});
