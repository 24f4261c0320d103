/** @file A file's rows for an audit: nothing is refused that can be counted instead. */
import type { Fields } from '../data/fields.js';
import { type Row, readRows } from '../data/read-rows.js';
import { type RawExample, type RowRules, taskOf, toExample } from '../data/to-example.js';
import type { AuditRecord, AuditSplit, RowProblem } from './records.js';

export type ReadSplitOptions = {
  /** What the files call their fields, where not by our names. */
  readonly fields?: Fields;
  readonly task?: RowRules['task'] | undefined;
};

/** The rows of the files, one file after another, as training reads them. A row without a usable label is a text without one; a row without
 *  a usable text is a problem.
 *  @throws UsageError `data/missing`, `data/invalid` where a file as such cannot be read */
export async function readAuditSplit(
  name: string,
  paths: readonly string[],
  { fields = {}, task }: ReadSplitOptions = {},
): Promise<AuditSplit> {
  const records: AuditRecord[] = [];
  const problems: RowProblem[] = [];
  for (const [file, path] of paths.entries()) {
    const split = { split: name, ...(paths.length > 1 ? { file: file + 1 } : {}) };
    for await (const row of readRows(path)) {
      const example = readRow(row, { fields, labelled: true, task: task ?? taskOf(row, fields) });
      if ('what' in example) problems.push({ line: example.line, what: example.what });
      else records.push({ ...example, ...split });
    }
  }
  return { name, records, problems };
}

type Read = Omit<AuditRecord, 'split'> | RowProblem;

function readRow(row: Row, rules: RowRules): Read {
  const labelled = toExample(row, rules);
  if (!('fix' in labelled)) return { ...textOf(labelled), labels: labelled.labels ?? [labelled.label ?? String(labelled.value![0])] };
  const unlabelled = toExample(row, { ...rules, labelled: false });
  return 'fix' in unlabelled ? { line: row.line, what: unlabelled.what.split(':')[0]! } : textOf(unlabelled);
}

function textOf({ label: _label, labels: _labels, value: _value, ...text }: RawExample): Omit<AuditRecord, 'split' | 'labels'> {
  return text;
}
