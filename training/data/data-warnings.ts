/** @file What is odd about a data set, though it can be trained on. */
import { groupBy } from './group-by.js';
import type { RawExample } from './read-examples.js';
import { textKey } from './split.js';

export type DataWarning = {
  readonly kind: 'duplicates-across-splits' | 'duplicates-within-split' | 'contradictory-labels' | 'label-absent';
  /** Examples concerned. */
  readonly count: number;
  /** A whole sentence, with the count. */
  readonly message: string;
  /** Up to three of the texts. */
  readonly texts: readonly string[];
};

type Split = { readonly name: string; readonly examples: readonly RawExample[] };

export function warnings(splits: readonly Split[], labels: readonly string[]): DataWarning[] {
  return [...acrossSplits(splits), ...splits.flatMap(withinSplit), ...contradictory(splits), ...absentLabels(splits, labels)];
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

function contradictory(splits: readonly Split[]): DataWarning[] {
  const groups = groupBy(
    splits.flatMap(({ examples }) => examples),
    textKey,
  );
  const texts = [...groups.values()].filter((group) => new Set(group.map(({ label }) => label)).size > 1).map(([first]) => first!);
  if (texts.length === 0) return [];
  return [warning('contradictory-labels', texts, `${countOf(texts, 'text')} ${texts.length === 1 ? 'has' : 'have'} more than one label.`)];
}

function absentLabels(splits: readonly Split[], labels: readonly string[]): DataWarning[] {
  return splits.flatMap(({ name, examples }) => {
    const present = new Set(examples.map(({ label }) => label));
    const absent = labels.filter((label) => !present.has(label));
    if (absent.length === 0) return [];
    const message = `${name} has no example of ${absent.map((label) => JSON.stringify(label)).join(', ')}: ${name === 'train' ? 'it cannot be learned' : 'nothing is measured for it'}.`;
    return [{ kind: 'label-absent', count: absent.length, message, texts: [] }];
  });
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
