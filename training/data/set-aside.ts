/** @file Val and test out of train, where there is no file of them. */
import { UsageError } from '../../models/index.js';
import type { DataConfig } from './data-config.js';
import type { Task } from './example.js';
import { someLines } from './read-examples.js';
import { neededField, takeOut } from './split.js';
import { targetStrata } from './strata.js';
import { type Placed, taskRules } from './tasks.js';

type Parts = { readonly train: readonly Placed[]; readonly val: readonly Placed[]; readonly test?: readonly Placed[] };
const defaults = { val: 0.1, by: 'label', seed: 1 } as const;

/** Test first (by time: the newest), then val out of what is left (the next newest).
 *  @throws UsageError `data/invalid` where a side would be empty, or rows lack what the split goes by */
export function setAside(
  examples: readonly Placed[],
  split: DataConfig['split'],
  { task, labels }: { readonly task: Task; readonly labels: readonly string[] },
): Parts {
  const { val: valShare, test: testShare, by, seed } = { test: undefined, ...defaults, ...split };
  checkField(examples, by);
  const take = (from: readonly Placed[], share: number) =>
    takeOut(from, share, by, {
      seed,
      strata: targetStrata(
        from.map((example) => ({ target: taskRules[task].target(example, labels) })),
        labels,
      ),
    });
  const { rest, taken: test } = testShare === undefined ? { rest: examples, taken: undefined } : take(examples, testShare);
  const { rest: train, taken: val } = take(rest, valShare / (1 - (testShare ?? 0)));
  const parts = { train, val, ...(test ? { test } : {}) };
  const empty = Object.entries(parts).find(([, side]) => side.length === 0);
  if (!empty) return parts;
  throw new UsageError(
    'data/invalid',
    `${examples[0]!.path}: ${examples.length} examples are too few to set ${Math.round(valShare * 100)} % aside${by === 'label' ? '' : ` by ${by}`}: ${empty[0]} is empty`,
    by === 'group'
      ? 'add examples of other groups, or split by label.'
      : 'add examples, at least two different texts of each label, or give a val file.',
  );
}

function checkField(examples: readonly Placed[], by: NonNullable<DataConfig['split']>['by']): void {
  const field = neededField[by];
  const without = field === undefined ? [] : examples.filter((example) => example[field] === undefined);
  const [first] = without;
  if (!first) return;
  throw new UsageError(
    'data/invalid',
    `${first.path}:${first.line}: data.split.by is ${by}, but ${without.length} of ${examples.length} rows have no ${field} that can be read: lines ${someLines(without)}`,
    `give each row a ${field}, set data.fields.${field} to the field that holds it, or split by label.`,
  );
}
