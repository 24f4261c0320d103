/** @file Texts, labelled or not, out of a file. */
import { UsageError } from '../../models/index.js';
import { invalid, type ReadLimits } from '../../models/rows/node.js';
import type { Task } from './example.js';
import type { Fields } from './fields.js';
import { readRows } from './read-rows.js';
import { type Problem, type RawExample, taskOf, toExample } from './to-example.js';

export type { RawExample } from './to-example.js';

export type ReadOptions = ReadLimits & {
  /** What the file calls its fields, where not by our names. */
  readonly fields?: Fields;
  /** Default: by what the first row has: `label`, `labels` or `value`. */
  readonly task?: Task;
  /** `false`: only the texts are read, whatever else the rows have. */
  readonly labelled?: boolean;
  /** Whether a file without a row is an empty list and not an error. */
  readonly mayBeEmpty?: boolean;
};

/** Reads `text`, `pair`, the target, `entities`, `time` and `group` of every row; other fields are left out. Numbers and booleans as labels
 *  become strings.
 *  @param path .jsonl, .ndjson, .json (array or lines), .csv, .tsv, each also with .gz, or .parquet
 *  @throws UsageError `data/missing`, `data/invalid`: the first row that cannot be used, and how many more there are */
export async function readExamples(path: string, options: ReadOptions = {}): Promise<RawExample[]> {
  return (await readWithTask(path, options)).examples;
}

/** The same, and the task: the one asked for, or the one that the first row speaks for; `undefined` where neither says. */
export async function readWithTask(
  path: string,
  { fields = {}, task, labelled = true, mayBeEmpty = false, ...limits }: ReadOptions = {},
): Promise<{ readonly examples: RawExample[]; readonly task: Task | undefined }> {
  const examples: RawExample[] = [];
  const problems: Problem[] = [];
  let known = task;
  for await (const row of readRows(path, limits)) {
    known ??= taskOf(row, fields);
    const example = toExample(row, { fields, labelled, task: known });
    if ('fix' in example) problems.push(example);
    else examples.push(example);
  }
  const [first] = problems;
  if (first) throw invalid(path, first.line, `${first.what}${others(problems.slice(1))}`, first.fix);
  if (examples.length === 0 && !mayBeEmpty)
    throw new UsageError('data/invalid', `${path}: holds no example`, 'write at least one row with text and label.');
  return { examples, task: known };
}

function others(problems: readonly Problem[]): string {
  if (problems.length === 0) return '';
  return ` (and ${problems.length} more row${problems.length === 1 ? '' : 's'} cannot be used: ${someLines(problems)})`;
}

/** The lines of up to eight rows. */
export const someLines = (rows: readonly { readonly line: number }[]): string =>
  `${rows
    .slice(0, 8)
    .map(({ line }) => line)
    .join(', ')}${rows.length > 8 ? ', …' : ''}`;
