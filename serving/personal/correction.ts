/** @file What a person says that a text should have been answered with. Plain JSON: a page may store it as it is. */
import type { Manifest, TextInput } from '../../models/index.js';
import { UsageError } from '../../models/index.js';
import { jsonLine } from '../../models/rows/web.js';

/** One of `label`, `labels` and `value`, as the model answers: one label, any labels (none too), or values. */
export type Correction = {
  readonly text: string;
  readonly pair?: string;
  readonly label?: string;
  readonly labels?: readonly string[];
  readonly value?: number | readonly number[];
};

export const inputOf = ({ text, pair }: Pick<Correction, 'text' | 'pair'>): TextInput => (pair === undefined ? text : [text, pair]);

/** Two corrections of the same text are one: the later. */
export function lastOfEach(corrections: readonly Correction[]): readonly Correction[] {
  return [...new Map(corrections.map((correction) => [JSON.stringify(inputOf(correction)), correction])).values()];
}

/** What the logits are compared with: a number a label, or the values.
 *  @throws UsageError `data/invalid` for a correction that this model cannot have given, with its place in the list */
export function targetOf(
  correction: Correction,
  place: number,
  { labels, activation }: Pick<Manifest, 'labels' | 'activation'>,
): readonly number[] {
  return targets[activation](correction, labels, (what, fix) => {
    throw new UsageError('data/invalid', `correction ${place + 1}: ${what}`, fix);
  });
}

type Refuse = (what: string, fix: string) => never;

const targets: {
  readonly [A in Manifest['activation']]: (given: Correction, labels: readonly string[], refuse: Refuse) => readonly number[];
} = {
  softmax: ({ label }, labels, refuse) => {
    if (label === undefined) return refuse('it names no label', `give label: one of ${labels.join(', ')}.`);
    return oneEach([label], labels, refuse);
  },
  sigmoid: ({ label, labels: given = label === undefined ? undefined : [label] }, labels, refuse) => {
    if (given === undefined) return refuse('it names no labels', `give labels: a list of ${labels.join(', ')}; [] for none.`);
    return oneEach(given, labels, refuse);
  },
  none: ({ value }, labels, refuse) => {
    const values = typeof value === 'number' ? [value] : (value ?? []);
    if (values.length !== labels.length || !values.every(Number.isFinite))
      return refuse(`its value is ${JSON.stringify(value)}`, `give value: a number for each of ${labels.join(', ')}.`);
    return values;
  },
};

function oneEach(given: readonly string[], labels: readonly string[], refuse: Refuse): readonly number[] {
  const stranger = given.find((label) => !labels.includes(label));
  if (stranger !== undefined) return refuse(`${JSON.stringify(stranger)} is not a label of this model`, `use ${labels.join(', ')}.`);
  return labels.map((label) => Number(given.includes(label)));
}

/** The corrections as lines of a file that `copydesk train` reads, each as it was given. */
export const toTrainingFile = (corrections: readonly Correction[]): string =>
  lastOfEach(corrections)
    .map(({ text, pair, label, labels, value }) => `${jsonLine({ text, pair, label, labels, value })}\n`)
    .join('');
