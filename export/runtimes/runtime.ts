/** @file Another program that opens a bundle's folder as it is, and answers texts with it. */
import type { Bundle, Precision } from '../../models/bundle/node.js';
import type { TextInput } from '../../models/index.js';

export type Question = {
  readonly bundle: Bundle;
  readonly precision: Precision;
  readonly texts: readonly TextInput[];
};

export type Runtime = {
  readonly title: string;
  /** How it cuts texts that are too long, where that is not our way: what it answers on those is not ours. */
  readonly cutsOtherwise?: string;
  /** Why it cannot be asked this, or here; `undefined` where it can. */
  readonly absent: (question: Pick<Question, 'bundle'>) => Promise<string | undefined>;
  /** `[texts][labels]` in the order of the bundle's labels: its scores before any temperature, or the values of a regression. */
  readonly scores: (question: Question) => Promise<readonly (readonly number[])[]>;
};

/** A runtime gives scores by name, in an order of its own. */
export function inOrder(
  labels: readonly string[],
  given: readonly { readonly label: string; readonly score: number }[],
): readonly number[] {
  const byName = new Map(given.map(({ label, score }) => [label, score]));
  return labels.map((label) => byName.get(label) ?? Number.NaN);
}
