import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tensors, TextInput } from '../../models/index.js';
import { readRun } from '../../models/run/node.js';
import { relativeDifference } from '../../test/golden.js';
import { finishedRun, writeMatrixData } from '../../test/matrix-run.js';
import { openTeacher } from './teacher.js';

let home: string;
let folder: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-teacher-'));
  await writeMatrixData(home);
  const pairs = { 'data.train': 'pairs.train.jsonl', 'data.val': 'pairs.val.jsonl', 'data.pairs': 'both-orders' };
  folder = (await finishedRun(home, 'teacher', pairs)).folder;
});
afterAll(() => rm(home, { recursive: true }));

/** What it says of the val pairs, one order or the other. */
async function said(labels: readonly string[], turn: (pair: readonly [string, string]) => readonly [string, string]): Promise<Tensors> {
  const val = await (await readRun(folder)).predictions();
  const example: TextInput = [val[0]!.text, val[0]!.pair!];
  const teacher = await openTeacher(folder, { labels, task: 'single-label', example }, { features: true });
  const column = await teacher.column(
    val.map(({ text, pair }) => {
      const [first, second] = turn([text, pair!]);
      return { text: first, pair: second, target: [] };
    }),
  );
  await teacher.dispose();
  expect(teacher.width).toBe(16);
  return column(val.map((_, row) => row));
}
const numbers = (tensors: Tensors, name: string) => tensors[name]!.data as Float32Array;

test('a teacher that reads pairs in both orders says what it was measured with, whichever comes first', async () => {
  const recorded = (await (await readRun(folder)).predictions()).flatMap(({ logits }) => logits);
  const as = await said(['other', 'same'], (pair) => pair);
  const turned = await said(['other', 'same'], ([a, b]) => [b, a]);
  expect(as.teacher_logits!.dims).toEqual([16, 2]);
  expect(as.teacher_features!.dims).toEqual([16, 16]);
  expect(relativeDifference(numbers(as, 'teacher_logits'), recorded)).toBeLessThan(1e-5);
  for (const name of ['teacher_logits', 'teacher_features'])
    expect(relativeDifference(numbers(turned, name), numbers(as, name)), name).toBeLessThan(1e-6);
});

test('its logits stand in the order of the labels of the student', async () => {
  const [ours, theirs] = [await said(['other', 'same'], (pair) => pair), await said(['same', 'other'], (pair) => pair)];
  const swapped = numbers(theirs, 'teacher_logits').map((_, i, all) => all[i % 2 === 0 ? i + 1 : i - 1]!);
  expect([...swapped]).toEqual([...numbers(ours, 'teacher_logits')]);
});
