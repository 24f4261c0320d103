import { gzipSync, strToU8 } from 'fflate';
import { expect, test } from 'vitest';
import { readSheet } from './read-sheet.js';
import { guessTextColumn, looksLikeHeader, tableOf } from './sheet.js';

const file = (name: string, content: string | Uint8Array): File => new File([content as BlobPart], name);

test('CSV: quotes, commas and newlines in them, empty lines, short rows', async () => {
  const { rows, columns, bad } = await readSheet(file('a.csv', '\ufeffid,text\r\n1,"a, ""b""\nc"\r\n\r\n2\r\n'));
  expect(columns).toBeUndefined();
  expect(rows).toEqual([['id', 'text'], ['1', 'a, "b"\nc'], ['2']]);
  expect(bad).toBe(0);
});

test('CSV with semicolons is seen in the first line, and commas within quotes are not counted', async () => {
  const { rows } = await readSheet(file('a.csv', '"a,b,c";text\n1;2,5\n'));
  expect(rows).toEqual([
    ['a,b,c', 'text'],
    ['1', '2,5'],
  ]);
});

test('TSV may hold bare quotes', async () => {
  expect((await readSheet(file('a.tsv', 'text\tn\nsay "hi" to\t1\n'))).rows[1]).toEqual(['say "hi" to', '1']);
});

test('JSON Lines: columns as they first come, values as they are, and what is no JSON is counted', async () => {
  const { rows, columns, bad } = await readSheet(file('a.jsonl', '{"text":"a","n":1}\nnonsense\n{"n":null,"label":["x"]}\n"bare"'));
  expect(columns).toEqual(['text', 'n', 'label']);
  expect(rows).toEqual([['a', 1], [undefined, null, ['x']], ['bare']]);
  expect(bad).toBe(1);
});

test('plain text is a text a line', async () => {
  const { rows, columns } = await readSheet(file('a.txt', 'one\r\n\n two, three\n'));
  expect([columns, rows]).toEqual([['text'], [['one'], [' two, three']]]);
});

test('packed files are known by how they begin, whatever they are called', async () => {
  const text = 'text\nfrom a packed file\n';
  for (const name of ['a.csv.gz', 'a.csv'])
    expect((await readSheet(file(name, gzipSync(strToU8(text))))).rows[1]).toEqual(['from a packed file']);
});

test('a packed file that is damaged is refused', async () => {
  const packed = gzipSync(strToU8('text\n'.repeat(5000)));
  packed[20]! ^= 0xff;
  await expect(readSheet(file('a.csv.gz', packed))).rejects.toThrow();
});

test('UTF-16, as spreadsheets write it, is read; what is neither is told', async () => {
  const wide = new Uint8Array(Uint16Array.from('\ufefftext\n台风\n', (sign) => sign.charCodeAt(0)).buffer);
  expect((await readSheet(file('a.tsv', wide))).rows).toEqual([['text'], ['台风']]);
  expect(
    (
      await readSheet(
        file(
          'a.csv',
          Uint8Array.from('text\ncaf\xe9\n', (sign) => sign.charCodeAt(0)),
        ),
      )
    ).garbled,
  ).toBe(true);
});

test('more rows, or more unpacked text, than may be read are cut off, and that is told', async () => {
  const rows = await readSheet(file('a.txt', 'a\n'.repeat(50)), { maxRows: 20 });
  expect([rows.rows.length, rows.cut]).toEqual([20, true]);
  const bomb = await readSheet(file('a.txt.gz', gzipSync(strToU8('0123456789\n'.repeat(500_000)))), { maxCharacters: 1e6 });
  expect(bomb.cut).toBe(true);
  expect(bomb.rows.length).toBeLessThan(110_000);
  const whole = await readSheet(file('a.txt', 'a\n'.repeat(20)), { maxRows: 20 });
  expect([whole.rows.length, whole.cut]).toEqual([20, false]);
});

test('a reading that is given up ends with the reason', async () => {
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  await expect(readSheet(file('a.txt', 'a\n'), { signal: controller.signal })).rejects.toThrow('enough');
});

test('columns get names, and the one of texts is guessed by its name, else by its length', () => {
  const sheet = {
    columns: undefined,
    rows: [
      ['id', 'Headline', 'id'],
      ['1', 'a', 'long long long'],
    ],
    bad: 0,
    cut: false,
    garbled: false,
  };
  expect(looksLikeHeader(sheet.rows)).toBe(true);
  const table = tableOf(sheet, true);
  expect(table.columns).toEqual(['id', 'Headline', 'column 3']);
  expect(table.rows).toHaveLength(1);
  expect(guessTextColumn(table)).toBe(1);
  const bare = tableOf({ ...sheet, rows: [['1', 'a long text that is no name of a column, surely']] }, false);
  expect(bare).toMatchObject({ columns: ['column 1', 'column 2'] });
  expect(guessTextColumn(bare)).toBe(1);
  expect(
    looksLikeHeader([
      ['1', 'x'],
      ['2', 'y'],
    ]),
  ).toBe(false);
});
