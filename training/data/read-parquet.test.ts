/** @file The files were written by another Parquet library, with `testing/make-parquet.py`. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readExamples } from './read-examples.js';
import { readRows } from './read-rows.js';

const here = new URL('testing/', import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-parquet-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'])('%s: every column, over several row groups', async (compression) => {
  const fields = { entities: 'entity_list' };
  expect(await readExamples(`${here}${compression}.parquet`, { fields })).toEqual([
    { text: 'Bridge opens a day early', label: '1', entities: ['Harbour Bridge'], time: 1519905600, line: 1 },
    { text: 'Nine bridges you will not believe', label: '0', entities: [], time: 1519992000, line: 2 },
    { text: '海边的桥今天开放', label: '1', entities: ['海边'], time: 1520078400, line: 3 },
  ]);
});

test('lists are labels, numbers are values', async () => {
  const path = `${here}snappy.parquet`;
  expect((await readExamples(path, { fields: { labels: 'tags' } })).map(({ labels }) => labels)).toEqual([
    ['local', 'transport'],
    [],
    ['transport'],
  ]);
  expect((await readExamples(path, { fields: { value: 'grade' } })).map(({ value }) => value)).toEqual([[0.5], [-1.25], [3]]);
});

test('refused: a file of another kind, one cut short, one that is not there, one larger than the limit', async () => {
  const wrong = join(folder, 'wrong.parquet');
  await writeFile(wrong, '{"text": "a", "label": "x"}\n'.repeat(20));
  await expect(readExamples(wrong)).rejects.toThrow(/wrong\.parquet: cannot be read as Parquet: .*Fix: write it again/);
  await writeFile(wrong, '');
  await expect(readExamples(wrong)).rejects.toThrow(/wrong\.parquet: cannot be read as Parquet.*Fix:/);
  await expect(readExamples(join(folder, 'wrung.parquet'))).rejects.toThrow(/no such file.*did you mean wrong\.parquet/);
  const whole = join(folder, 'whole.parquet');
  await copyFile(`${here}snappy.parquet`, whole);
  await expect(async () => {
    for await (const _ of readRows(whole, { totalBytes: 100 }));
  }).rejects.toThrow(/whole\.parquet: holds more than .*Fix: split it/);
});
