/** @file What an audit looks at: rows as they are, the ones that training would refuse included. */

export type AuditRecord = {
  readonly text: string;
  readonly pair?: string;
  /** Absent: nobody has labelled the text. Empty: it was looked at, and none of the labels holds. */
  readonly labels?: readonly string[];
  /** Names of persons, places and things that the text speaks of. */
  readonly entities?: readonly string[];
  /** Unix time in seconds. */
  readonly time?: number;
  readonly group?: string;
  /** Line of its file, from 1. */
  readonly line: number;
  readonly split: string;
  /** Which of the split's files, from 1, where there are several. */
  readonly file?: number;
};

/** A row that nothing can be done with. */
export type RowProblem = { readonly line: number; readonly what: string };

export type AuditSplit = { readonly name: string; readonly records: readonly AuditRecord[]; readonly problems: readonly RowProblem[] };

export type Task = 'single-label' | 'multi-label' | 'regression' | 'unlabelled';

/** The data as every check sees them. The first split is what a model would learn from. */
export type AuditData = {
  readonly task: Task;
  readonly splits: readonly AuditSplit[];
  /** Of all splits, in order. */
  readonly records: readonly AuditRecord[];
  /** Sorted. In a regression: the lower, middle and upper third of the values. */
  readonly labels: readonly string[];
};

export function auditDataOf(splits: readonly AuditSplit[]): AuditData {
  const labelled = splits.flatMap(({ records }) => records.flatMap(({ labels }) => (labels ? [labels] : [])));
  if (labelled.length === 0) return assemble('unlabelled', splits);
  if (labelled.some((labels) => labels.length !== 1)) return assemble('multi-label', splits);
  const values = labelled.map(([label]) => Number(label));
  if (!labelled.every(([label]) => label!.trim() !== '') || !values.every(Number.isFinite) || new Set(values).size <= mostNumberedClasses) {
    return assemble('single-label', splits);
  }
  const third = thirdOf(values);
  const binned = splits.map((split) => ({
    ...split,
    records: split.records.map((record) => (record.labels ? { ...record, labels: [third(Number(record.labels[0]))] } : record)),
  }));
  return assemble('regression', binned);
}

/** The label that counts as one where a text has several: all of them, in order. Absent for an unlabelled text. */
export function labelKey({ labels }: Pick<AuditRecord, 'labels'>): string | undefined {
  return labels && [...labels].sort().join(' + ');
}

/** Where a text stands: `train:12`, or `train:2:12` where the split has several files. */
export function placeOf({ split, file, line }: Pick<AuditRecord, 'split' | 'file' | 'line'>): string {
  return file === undefined ? `${split}:${line}` : `${split}:${file}:${line}`;
}

/** Both sides of a pair. */
export function wholeText({ text, pair }: Pick<AuditRecord, 'text' | 'pair'>): string {
  return pair === undefined ? text : `${text}\n${pair}`;
}

/** More values than this, all of them numbers: what is asked for is a number and not a class. */
const mostNumberedClasses = 20;

function thirdOf(values: readonly number[]): (value: number) => string {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [1, 2].map((part) => sorted[Math.floor((part * sorted.length) / 3)]!);
  return (value) => (value < low! ? 'lower third' : value < high! ? 'middle third' : 'upper third');
}

function assemble(task: Task, splits: readonly AuditSplit[]): AuditData {
  const records = splits.flatMap((split) => split.records);
  return { task, splits, records, labels: [...new Set(records.flatMap(({ labels }) => labels ?? []))].sort() };
}
