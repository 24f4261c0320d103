/** @file Which labels hold a text back when the config does not say. */

export type HoldChoice = {
  readonly hold: readonly string[];
  /** One sentence that says what was chosen and why. */
  readonly reason: string;
};

/** Every label but those whose name plainly means that nothing is wrong (`news`, `ok`, `not_spam` …). Where no name does, every label but the
 *  most frequent. Where labels are numbers, 0 is the fine one; `true` is a true claim, so `false` holds.
 *  @param counts examples in train, by label */
export function chooseHold(labels: readonly string[], counts: Readonly<Record<string, number>>): HoldChoice {
  const fine = labels.filter(meansFine);
  if (fine.length === labels.length) {
    return { hold: [], reason: `No label holds a text back: by its name each means that nothing is wrong (${quoted(labels)}).` };
  }
  if (fine.length > 0) {
    const hold = labels.filter((label) => !fine.includes(label));
    return {
      hold,
      reason: `Texts are held back for ${quoted(hold)}: ${quoted(fine)} is taken to mean, by its name, that nothing is wrong.`,
    };
  }
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
