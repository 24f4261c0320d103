/** @file What is odd about a data set, though it can be trained on. */
import { alikeLabels } from './alike-labels.js';
import type { Task } from './example.js';
import { groupBy } from './group-by.js';
import type { RawExample } from './read-examples.js';
import { taskRules } from './tasks.js';
import { textKey } from './text-key.js';

export type DataWarning = {
  readonly kind:
    | 'duplicates-across-splits'
    | 'duplicates-within-split'
    | 'contradictory-labels'
    | 'labels-alike'
    | 'label-absent'
    | 'one-class'
    | 'empty-split'
    | 'task-inferred'
    | 'test-texts-unlabelled';
  /** Examples concerned. */
  readonly count: number;
  /** A whole sentence, with the count. */
  readonly message: string;
  /** Up to three of the texts. */
  readonly texts: readonly string[];
};

type Split = { readonly name: string; readonly examples: readonly RawExample[] };

export function warnings(splits: readonly Split[], labels: readonly string[], task: Task): DataWarning[] {
  const full = splits.filter(({ examples }) => examples.length > 0);
  return [
    ...acrossSplits(full),
    ...full.flatMap(withinSplit),
    ...contradictory(full, task),
    ...(task === 'regression' ? [] : [...alikeLabels(labels).map(alike), ...absentLabels(full, labels)]),
    ...splits.flatMap(emptySplit),
  ];
}

function acrossSplits(splits: readonly Split[]): DataWarning[] {
  return splits.flatMap((earlier, at) => {
    const known = new Set(earlier.examples.map(textKey));
    return splits.slice(at + 1).flatMap((later) => {
      const shared = later.examples.filter((example) => known.has(textKey(example)));
      if (shared.length === 0) return [];
      const message = `${countOf(shared, 'example')} of ${later.name} (of ${later.examples.length}) ${are(shared)} also in ${earlier.name}: figures on ${later.name} flatter the model.`;
      return [warning('duplicates-across-splits', shared, message)];
    });
  });
}

function withinSplit({ name, examples }: Split): DataWarning[] {
  const seen = new Set<string>();
  const repeated = examples.filter((example) => {
    const key = textKey(example);
    const known = seen.has(key);
    seen.add(key);
    return known;
  });
  if (repeated.length === 0) return [];
  const message = `${countOf(repeated, 'example')} of ${name} (of ${examples.length}) ${are(repeated)} a repetition of an earlier text.`;
  return [warning('duplicates-within-split', repeated, message)];
}

function contradictory(splits: readonly Split[], task: Task): DataWarning[] {
  const groups = groupBy(
    splits.flatMap(({ examples }) => examples),
    textKey,
  );
  const answers = (group: readonly RawExample[]) => new Set(group.map((example) => JSON.stringify(taskRules[task].answer(example))));
  const texts = [...groups.values()].filter((group) => answers(group).size > 1).map(([first]) => first!);
  if (texts.length === 0) return [];
  const what = { 'single-label': 'more than one label', 'multi-label': 'more than one set of labels', regression: 'more than one value' };
  return [warning('contradictory-labels', texts, `${countOf(texts, 'text')} ${texts.length === 1 ? 'has' : 'have'} ${what[task]}.`)];
}

function alike(names: readonly string[]): DataWarning {
  const [one, ...others] = names.map((name) => JSON.stringify(name)) as [string, ...string[]];
  const message = `Labels ${[one, ...others].join(' and ')} are learnt apart; if they are one, say so: "data": {"rename": {${others.map((other) => `${other}: ${one}`).join(', ')}}}.`;
  return { kind: 'labels-alike', count: names.length, message, texts: [] };
}

function absentLabels(splits: readonly Split[], labels: readonly string[]): DataWarning[] {
  return splits.flatMap(({ name, examples }): DataWarning[] => {
    const present = new Set(examples.flatMap((example) => example.labels ?? [example.label!]));
    const absent = labels.filter((label) => !present.has(label));
    if (absent.length === 0) return [];
    const message = `${name} has no example of ${absent.map((label) => JSON.stringify(label)).join(', ')}: ${name === 'train' ? 'it cannot be learned' : 'nothing is measured for it'}.`;
    const one = present.size === 1 && examples.every(({ label }) => label !== undefined);
    return [
      { kind: 'label-absent', count: absent.length, message, texts: [] },
      ...(one ? [oneClass(name, [...present][0]!, examples)] : []),
    ];
  });
}

function oneClass(name: string, label: string, examples: readonly RawExample[]): DataWarning {
  const message = `${name} is ${JSON.stringify(label)} throughout: a model that always says so scores best there, and AUC has no value.`;
  return { kind: 'one-class', count: examples.length, message, texts: [] };
}

function emptySplit({ name, examples }: Split): DataWarning[] {
  if (examples.length > 0) return [];
  return [{ kind: 'empty-split', count: 0, message: `${name} holds no example: nothing is measured on it.`, texts: [] }];
}

function warning(kind: DataWarning['kind'], concerned: readonly RawExample[], message: string): DataWarning {
  return { kind, count: concerned.length, message, texts: concerned.slice(0, 3).map(({ text }) => text) };
}

function countOf(list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
}

function are(list: readonly unknown[]): string {
  return list.length === 1 ? 'is' : 'are';
}
