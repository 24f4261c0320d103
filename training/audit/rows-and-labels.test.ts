import { expect, test } from 'vitest';
import { type AuditSplit, auditDataOf } from './records.js';
import { checkRowsAndLabels } from './rows-and-labels.js';
import { madeUp } from './testing/made-up.js';

const found = (...splits: AuditSplit[]) =>
  checkRowsAndLabels(auditDataOf(splits)).map(({ kind, level, count }) => `${level} ${kind} ${count}`);
const empty = (name: string): AuditSplit => ({ name, records: [], problems: [] });
const relabelled = (count: number, label: string, of: number) =>
  madeUp(count, { change: (record, i) => (i < of ? { ...record, labels: [label] } : record) });

test('a clean set has no finding', () => {
  expect(found(madeUp(60), madeUp(40, { name: 'val', seed: 2 }))).toEqual([]);
});

test('rows that cannot be used are counted by what is wrong with them', () => {
  const problems = [{ line: 3, what: 'text is empty' }, { line: 9, what: 'no text' }, { line: 11, what: 'no text' }]; // biome-ignore format: a list
  const [finding] = checkRowsAndLabels(auditDataOf([{ ...madeUp(60), problems }]));
  expect(finding).toMatchObject({ kind: 'unusable-rows', level: 'error', count: 3 });
  expect(finding!.message).toBe('3 rows of train cannot be used: text is empty (1), no text (2).');
});

test('an empty split is an error, alone and beside others', () => {
  expect(found(empty('train'))).toEqual(['error empty-split 0']);
  expect(found(madeUp(60), empty('val'))).toEqual(['error empty-split 0']);
});

test('no label at all is a note; some missing is an error, a whole split without is a warning', () => {
  const bare = (name: string) => madeUp(30, { name, change: ({ labels: _, ...record }) => record });
  expect(found(bare('train'))).toEqual(['info unlabelled 30']);
  expect(found(madeUp(60, { change: ({ labels, ...record }, i) => (i < 4 ? record : { ...record, labels: labels! }) }))).toEqual(['error labels-missing 4']); // biome-ignore format: short
  expect(found(madeUp(60), bare('test'))).toEqual(['warning labels-missing 30']);
});

test('one class, rare labels, labels that only one side has', () => {
  expect(found(madeUp(60, { labels: ['good'] }))).toEqual(['error one-class 60']);
  expect(found(relabelled(60, 'ugly', 3))).toEqual(['warning label-rare 1']);
  expect(found(madeUp(60), { ...relabelled(60, 'ugly', 3), name: 'val' })).toEqual(['error label-unseen 3']);
  expect(found(madeUp(60), madeUp(40, { name: 'val', labels: ['good'] }))).toEqual(['warning label-absent 1']);
});

test('a label written in two ways', () => {
  expect(found(relabelled(80, 'Good ', 20), madeUp(40, { name: 'val' }))).toEqual(expect.arrayContaining(['warning labels-alike 1']));
});

test('a text with a list of labels may have none of them', () => {
  const several = madeUp(60, { change: (record, i) => ({ ...record, labels: i % 3 === 0 ? [] : i % 3 === 1 ? ['a', 'b'] : ['a'] }) });
  expect(auditDataOf([several]).task).toBe('multi-label');
  expect(found(several)).toEqual([]);
});

test('numbers are thirds when there are many, and classes when there are few', () => {
  const graded = (values: number) => auditDataOf([madeUp(90, { change: (record, i) => ({ ...record, labels: [String((i % values) / 10)] }) })]); // biome-ignore format: short
  expect(graded(5)).toMatchObject({ task: 'single-label', labels: ['0', '0.1', '0.2', '0.3', '0.4'] });
  expect(graded(30)).toMatchObject({ task: 'regression', labels: ['lower third', 'middle third', 'upper third'] });
});
