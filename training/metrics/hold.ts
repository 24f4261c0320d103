/** @file Which labels hold a text back when the config does not say. */
import type { Task } from '../data/example.js';

export type HoldChoice = {
  readonly hold: readonly string[];
  /** One sentence that says what was chosen and why. */
  readonly reason: string;
};

/** Every label but those whose name plainly means that nothing is wrong (`news`, `ok`, `not_spam` …). Where no name does, every label but the
 *  most frequent; in multi-label every label, for there a text with nothing wrong has none. Where labels are numbers, 0 is the fine one; `true`
 *  is a true claim, so `false` holds. A regression has values, which hold nothing.
 *  @param counts examples in train, by label */
export function chooseHold(task: Task, labels: readonly string[], counts: Readonly<Record<string, number>>): HoldChoice {
  return choices[task](labels, counts);
}

type Choose = (labels: readonly string[], counts: Readonly<Record<string, number>>) => HoldChoice;

const choices: { readonly [T in Task]: Choose } = {
  'single-label': (labels, counts) => byName(labels) ?? allButMostFrequent(labels, counts),
  'multi-label': (labels) =>
    byName(labels) ?? { hold: labels, reason: `Texts are held back for ${quoted(labels)}: no name says that nothing is wrong.` },
  regression: () => ({ hold: [], reason: 'No text is held back: the model gives values, and no threshold is set for them.' }),
};

/** `undefined` where no name means that nothing is wrong. */
function byName(labels: readonly string[]): HoldChoice | undefined {
  const fine = labels.filter(meansFine);
  if (fine.length === 0) return undefined;
  if (fine.length === labels.length) {
    return { hold: [], reason: `No label holds a text back: by its name each means that nothing is wrong (${quoted(labels)}).` };
  }
  const hold = labels.filter((label) => !fine.includes(label));
  return { hold, reason: `Texts are held back for ${quoted(hold)}: ${quoted(fine)} is taken to mean, by its name, that nothing is wrong.` };
}

function allButMostFrequent(labels: readonly string[], counts: Readonly<Record<string, number>>): HoldChoice {
  const most = labels.reduce((a, b) => ((counts[b] ?? 0) > (counts[a] ?? 0) ? b : a));
  const hold = labels.filter((label) => label !== most);
  return {
    hold,
    reason: `Texts are held back for ${quoted(hold)}: no name says that nothing is wrong, and ${quoted([most])} is the most frequent.`,
  };
}

const fineNames = new Set(
  'real news true mostly-true ok okay safe clean genuine normal neutral neither none legit legitimate ham same publish fine good benign harmless authentic acceptable accept approved allowed innocuous human no 0 negative'.split(
    ' ',
  ),
);

function meansFine(label: string): boolean {
  const name = label
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
  return fineNames.has(name) || /^(?:not?|non|un)-./.test(name);
}

function quoted(labels: readonly string[]): string {
  return labels.map((label) => JSON.stringify(label)).join(', ');
}
