/** @file One split out of one file or several, and what splits must have in common. */
import { UsageError } from '../../models/index.js';
import type { Task } from './example.js';
import { type ReadOptions, readWithTask, someLines } from './read-examples.js';
import type { Placed } from './tasks.js';

/** All rows of the files, one file after another; the first row of all decides the task where none is given. A file may be empty. */
export async function readSplit(
  paths: readonly string[],
  options: { readonly fields: ReadOptions['fields'] & {}; readonly task?: Task | undefined; readonly labelled?: boolean },
): Promise<{ readonly examples: readonly Placed[]; readonly task: Task | undefined }> {
  const examples: Placed[] = [];
  let task = options.task;
  for (const path of paths) {
    const { fields, labelled = true } = options;
    const read = await readWithTask(path, { fields, labelled, ...(task ? { task } : {}), mayBeEmpty: true });
    task = read.task;
    for (const example of read.examples) examples.push({ ...example, path });
  }
  return { examples, task };
}

/** @throws UsageError `data/invalid` where some rows are pairs and some are single texts, in one split or between them; it names the fewer */
export function checkPairs(splits: Readonly<Record<string, readonly Placed[]>>): void {
  const all = Object.values(splits).flat();
  const pairs = all.filter(({ pair }) => pair !== undefined);
  if (pairs.length === 0 || pairs.length === all.length) return;
  const single = pairs.length * 2 >= all.length;
  const odd = single ? all.filter(({ pair }) => pair === undefined) : pairs;
  const sameFile = odd.filter(({ path }) => path === odd[0]!.path);
  throw new UsageError(
    'data/invalid',
    `${odd[0]!.path}:${odd[0]!.line}: ${odd.length} of ${all.length} rows ${single ? 'have no second text, though the others are pairs' : 'have a second text (pair), though the others have not'}: lines ${someLines(sameFile)}`,
    single
      ? 'give each row a pair, or set data.fields.pair to the field that holds it.'
      : 'take pair out of these rows, or give it to all of them.',
  );
}
