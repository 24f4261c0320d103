/** @file What the checks that learn something learn from, and what they are measured on. */
import { createRandom } from '../data/random.js';
import type { AuditData, AuditRecord } from './records.js';

export type Learnable = {
  readonly labels: readonly string[];
  readonly train: readonly AuditRecord[];
  /** Another split, or a fifth of the first that is held out. */
  readonly held: readonly AuditRecord[];
  readonly heldName: string;
};

const fewestTexts = 50;

/** `undefined` where a text may have several labels, or where there is too little to learn from or to measure on. */
export function learnableOf({ task, splits, labels }: AuditData, seed: number): Learnable | undefined {
  if (task === 'unlabelled' || task === 'multi-label' || labels.length < 2) return undefined;
  const labelled = splits.map(({ name, records }) => ({ name, records: records.filter((record) => record.labels) }));
  const [first, second] = labelled.filter(({ records }) => records.length > 0);
  if (!first || first.records.length < fewestTexts) return undefined;
  if (second && second.records.length >= fewestTexts / 2) {
    return { labels, train: first.records, held: second.records, heldName: second.name };
  }
  const shuffled = createRandom(seed).shuffle(first.records);
  const cut = Math.round(shuffled.length * 0.8);
  return { labels, train: shuffled.slice(0, cut), held: shuffled.slice(cut), heldName: `a fifth of ${first.name}` };
}

/** The label's index of each text. */
export function truthOf(records: readonly AuditRecord[], labels: readonly string[]): number[] {
  const numbers = new Map(labels.map((label, index) => [label, index]));
  return records.map((record) => numbers.get(record.labels![0]!)!);
}
