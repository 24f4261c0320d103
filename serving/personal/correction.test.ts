import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readExamples } from '../../training/index.js';
import { type Correction, targetOf, toTrainingFile } from './correction.js';

const labels = ['a', 'b', 'c'];

test('a correction says what the logits should be, in the order of the labels', () => {
  const target = (given: Omit<Correction, 'text'>, activation: 'softmax' | 'sigmoid' | 'none') =>
    targetOf({ text: 'x', ...given }, 0, { labels, activation });
  expect(target({ label: 'b' }, 'softmax')).toEqual([0, 1, 0]);
  expect(target({ labels: ['c', 'a'] }, 'sigmoid')).toEqual([1, 0, 1]);
  expect(target({ labels: [] }, 'sigmoid')).toEqual([0, 0, 0]);
  expect(target({ label: 'a' }, 'sigmoid')).toEqual([1, 0, 0]);
  expect(target({ value: [1, 2, -3] }, 'none')).toEqual([1, 2, -3]);
});

test.each([
  [{ label: 'd' }, 'softmax', /correction 5: "d" is not a label of this model\. Fix: use a, b, c\./],
  [{ labels: ['a'] }, 'softmax', /names no label\. Fix: give label/],
  [{}, 'sigmoid', /names no labels/],
  [{ labels: ['a', 'd'] }, 'sigmoid', /"d" is not a label/],
  [{ value: 1 }, 'none', /its value is 1\. Fix: give value: a number for each of a, b, c\./],
  [{ value: [1, 2, Number.NaN] }, 'none', /its value is/],
] as const)('what the model cannot answer is refused with its place: %j for %s', (given, activation, message) => {
  expect(() => targetOf({ text: 'x', ...given }, 4, { labels, activation })).toThrow(message);
});

const files: Readonly<Record<string, readonly Correction[]>> = {
  'single labels': [{ text: 'one\nline "quoted"', label: 'a' }, { text: 'two', label: 'b' }], // biome-ignore format: rows
  pairs: [{ text: 'one', pair: 'other', label: 'a' }],
  'several labels': [{ text: 'one', labels: ['a', 'c'] }, { text: 'two', labels: [] }], // biome-ignore format: rows
  values: [{ text: 'one', value: 0.5 }, { text: 'two', value: [2] }], // biome-ignore format: rows
};

test.each(Object.entries(files))('the file is one that training reads: %s', async (_, corrections) => {
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-corrections-'));
  const path = join(folder, 'corrections.jsonl');
  await writeFile(path, toTrainingFile(corrections));
  const read = (await readExamples(path)).map(({ line: _line, ...example }) => example);
  expect(read).toEqual(corrections.map((given) => (typeof given.value === 'number' ? { ...given, value: [given.value] } : given)));
  await rm(folder, { recursive: true });
});

test('of two corrections of one text the later is written', () => {
  const lines = toTrainingFile([
    { text: 'x', label: 'a' },
    { text: 'y', label: 'a' },
    { text: 'x', label: 'b' },
  ]);
  expect(lines).toBe('{"text":"x","label":"b"}\n{"text":"y","label":"a"}\n');
});
