/** @file What each task makes of rows: labels, targets, and what cannot be learned from. */
import { nearest, UsageError } from '../../models/index.js';
import type { Task } from './example.js';
import type { RawExample } from './read-examples.js';

/** A row, and the file that it is from. */
export type Placed = RawExample & { readonly path: string };

export type TaskRules = {
  /** All labels that the rows have, in alphabetical order; in a regression the names of the values. */
  readonly labelsIn: (examples: readonly Placed[]) => readonly string[];
  /** One number a label. */
  readonly target: (example: RawExample, labels: readonly string[]) => number[];
  /** What the row is labelled with, as it goes into the fingerprint. */
  readonly answer: (example: RawExample) => unknown;
  /** @throws UsageError `data/invalid` where train cannot be learned from */
  readonly check: (train: readonly Placed[], labels: readonly string[]) => void;
};

export const taskRules: { readonly [T in Task]: TaskRules } = {
  'single-label': {
    labelsIn: (examples) => [...new Set(examples.map(({ label }) => label!))].sort(),
    target: ({ label }, labels) => labels.map((one) => (one === label ? 1 : 0)),
    answer: ({ label }) => label,
    check: (train) => {
      const [first, second] = new Set(train.map(({ label }) => label));
      if (second !== undefined) return;
      throw unlearnable(train, `one class only: every example is ${JSON.stringify(first)}`, 'add examples of at least one other label');
    },
  },
  'multi-label': {
    labelsIn: (examples) => [...new Set(examples.flatMap(({ labels }) => labels!))].sort(),
    target: (example, labels) => labels.map((one) => (example.labels!.includes(one) ? 1 : 0)),
    answer: ({ labels }) => [...labels!].sort(),
    check: (train, labels) => {
      const uses = labels.map((label) => train.filter((example) => example.labels!.includes(label)).length);
      if (uses.some((count) => count > 0 && count < train.length)) return;
      const what = uses.every((count) => count === 0) ? 'no example has a label' : 'all examples have the same labels';
      throw unlearnable(train, what, 'add examples with other labels');
    },
  },
  regression: {
    labelsIn: (examples) => {
      const odd = examples.find(({ value }) => value!.length !== 1);
      if (odd === undefined) return ['value'];
      const what = `${odd.path}:${odd.line}: value holds ${odd.value!.length} numbers, and nothing says what they are`;
      throw new UsageError('data/invalid', what, 'name them in data.labels, such as ["anger", "joy"], or give one number a row.');
    },
    target: ({ value }) => [...value!],
    answer: ({ value }) => value,
    check: (train, labels) => {
      const constant = labels.find((_, at) => train.every(({ value }) => value![at] === train[0]!.value![at]));
      if (constant === undefined) return;
      throw unlearnable(train, `every example has the same ${constant}`, 'add examples with other values');
    },
  },
};

function unlearnable([first]: readonly Placed[], what: string, fix: string): UsageError {
  return new UsageError('data/invalid', `${first!.path}: ${what}`, `${fix}; a model learns differences.`);
}

/** Every label of every row is one of `labels`, and every row of a regression has as many values.
 *  @param given whether the config names the labels; else they are those of train */
export function checkAnswers(task: Task, examples: readonly Placed[], labels: readonly string[], given: boolean): void {
  if (task === 'regression') {
    checkValues(examples, labels);
    return;
  }
  const known = new Set(labels);
  const strangers = examples.flatMap((example) => {
    const stranger = namesOf(example).find((one) => !known.has(one));
    return stranger === undefined ? [] : [{ ...example, stranger }];
  });
  const [first] = strangers;
  if (!first) return;
  const meant = nearest(first.stranger, labels);
  const list = labels.slice(0, 12).join(', ') + (labels.length > 12 ? `, and ${labels.length - 12} more` : '');
  const add = given ? 'add the label to data.labels' : 'add examples of it to train, or name all labels in data.labels';
  throw new UsageError(
    'data/invalid',
    `${first.path}:${first.line}: unknown label ${JSON.stringify(first.stranger)} (${strangers.length} such rows); ${given ? 'the config' : 'train'} has ${list}`,
    meant ? `did you mean ${JSON.stringify(meant)}? Correct the row.` : `correct the row, or ${add}.`,
  );
}

const namesOf = ({ label, labels }: RawExample): readonly string[] => labels ?? (label === undefined ? [] : [label]);

function checkValues(examples: readonly Placed[], labels: readonly string[]): void {
  const odd = examples.find(({ value }) => value!.length !== labels.length);
  if (odd === undefined) return;
  const what = `${odd.path}:${odd.line}: value holds ${odd.value!.length} number${odd.value!.length === 1 ? '' : 's'}, where there are ${labels.length}: ${labels.join(', ')}`;
  throw new UsageError('data/invalid', what, 'give each row as many values as there are names in data.labels.');
}
