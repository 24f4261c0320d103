import { expect, test } from 'vitest';
import { findDuplicates } from './duplicates.js';
import { type AuditRecord, type AuditSplit, auditDataOf } from './records.js';
import { madeUp } from './testing/made-up.js';

const kinds = (splits: readonly AuditSplit[]) =>
  findDuplicates(auditDataOf(splits)).findings.map(({ kind, level, count }) => `${level} ${kind} ${count}`);
const splitOf = (name: string, records: readonly AuditRecord[]): AuditSplit => ({
  name,
  records: records.map((record, i) => ({ ...record, split: name, line: i + 1 })),
  problems: [],
});
const clean = madeUp(400).records;
const nearly = ({ text, ...rest }: AuditRecord): AuditRecord => ({ ...rest, text: `${text} Ba` });
const other = (record: AuditRecord): AuditRecord => ({ ...record, labels: [record.labels![0] === 'good' ? 'bad' : 'good'] });

test('splits without repetitions have no finding', () => {
  expect(kinds([splitOf('train', clean.slice(0, 300)), splitOf('val', clean.slice(300))])).toEqual([]);
});

test('repetitions and near-duplicates within a split, at a level by their share', () => {
  expect(kinds([splitOf('train', [...clean, clean[0]!])])).toEqual(['info duplicates-within-split 1']);
  expect(kinds([splitOf('train', [...clean, ...clean.slice(0, 20)])])).toEqual(['warning duplicates-within-split 20']);
  expect(kinds([splitOf('train', [...clean, nearly(clean[0]!)])])).toEqual(['info near-duplicates-within-split 2']);
  expect(kinds([splitOf('train', [...clean, ...clean.slice(0, 30).map(nearly)])])).toEqual(['warning near-duplicates-within-split 60']);
});

test('texts of a later split that are known from an earlier one', () => {
  const [train, val] = [clean.slice(0, 300), clean.slice(300)];
  expect(kinds([splitOf('train', train), splitOf('val', [...val, train[5]!])])).toEqual(['warning duplicates-across-splits 1']);
  expect(kinds([splitOf('train', train), splitOf('val', [...val, ...train.slice(0, 3)])])).toEqual(['error duplicates-across-splits 3']);
  expect(kinds([splitOf('train', train), splitOf('val', [...val, ...train.slice(0, 10).map(nearly)])])).toEqual([
    'error near-duplicates-across-splits 10',
  ]);
});

test('the same text, and nearly the same text, with another label', () => {
  expect(kinds([splitOf('train', [...clean, other(clean[0]!)])])).toEqual([
    'info duplicates-within-split 1',
    'warning contradictory-labels 1',
  ]);
  const two = kinds([splitOf('train', [...clean, other(nearly(clean[0]!)), other(nearly(clean[1]!))])]);
  expect(two).toEqual(['info near-duplicates-within-split 4', 'warning contradictory-near-duplicates 4']);
});

test('findings say where the texts stand, and the groups are listed', () => {
  const { findings, largest, within, across } = findDuplicates(
    auditDataOf([splitOf('train', clean.slice(0, 100)), splitOf('val', [nearly(clean[4]!), ...clean.slice(100, 150)])]),
  );
  expect(findings[0]!.message).toBe('1 text of val (of 51; 2.0 %) has a near-duplicate in train.');
  expect(findings[0]!.examples[0]!.where).toEqual(['val:1', 'train:5']);
  expect(largest).toEqual([{ texts: 2, byLabel: { good: 2 }, where: ['train:5', 'val:1'] }]);
  expect(within.val).toEqual({ exact: 0, near: 0, of: 51 });
  expect(across).toEqual([{ earlier: 'train', later: 'val', exact: 0, near: 1, of: 51 }]);
});

test('a pair and the same pair the other way round are nearly the same', () => {
  const pairs = clean.slice(0, 40).map((record, i) => ({ ...record, pair: clean[i + 40]!.text }));
  expect(kinds([splitOf('train', pairs)])).toEqual([]);
  const swapped = { ...pairs[0]!, text: pairs[0]!.pair, pair: pairs[0]!.text };
  expect(kinds([splitOf('train', pairs), splitOf('val', [swapped])])).toEqual(['error near-duplicates-across-splits 1']);
});
