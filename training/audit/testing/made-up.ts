/** @file Texts that nobody wrote, for the tests of this folder: words of random syllables, of which each label likes some a little more. */
import { createRandom, type Random } from '../../data/random.js';
import type { AuditRecord, AuditSplit } from '../records.js';

const syllables = ['ba', 'ne', 'ti', 'lo', 'mu', 'sar', 'ven', 'kil', 'dor', 'pa', 'ri', 'gos', 'hel', 'fum', 'tas'];

export type MadeUpOptions = {
  readonly name?: string;
  readonly seed?: number;
  readonly labels?: readonly string[];
  /** Changes a record as it is made; `i` counts from 0. */
  readonly change?: (record: AuditRecord, i: number, random: Random) => AuditRecord;
};

/** A clean split: labels in turn, sentences of 8 to 14 words that end with a full stop, none like another. */
export function madeUp(
  count: number,
  { name = 'train', seed = 1, labels = ['good', 'bad'], change = (record) => record }: MadeUpOptions = {},
): AuditSplit {
  const words = vocabulary();
  const random = createRandom(seed, count);
  const records = Array.from({ length: count }, (_, i): AuditRecord => {
    const of = i % labels.length;
    const liked = words.slice(30 * of, 30 * of + 30);
    const length = 8 + random.below(7);
    const text = Array.from({ length }, () => (random.next() < 0.12 ? pick(liked, random) : pick(words, random))).join(' ');
    return change({ text: `${text[0]!.toUpperCase()}${text.slice(1)}.`, labels: [labels[of]!], line: i + 1, split: name }, i, random);
  });
  return { name, records, problems: [] };
}

/** 500 different words, the same each time. */
function vocabulary(): string[] {
  const random = createRandom(7);
  const words = new Set<string>();
  while (words.size < 500) words.add(Array.from({ length: 2 + random.below(3) }, () => pick(syllables, random)).join(''));
  return [...words];
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[random.below(list.length)]!;
}
