/** @file What is compared: a run, or several of one config with other seeds, counted as one. */
import { UsageError } from '../../models/index.js';
import { type Answers, scoresOf } from './answers.js';
import { withoutSeed } from './config-differences.js';

/** The answers of one run or bundle on the texts of the comparison. */
export type Member = {
  readonly name: string;
  /** As it was resolved; a bundle has none. */
  readonly config?: object;
  /** sha256 of the labelled texts, where it is known. */
  readonly fingerprint?: string;
  readonly answers: Answers;
  readonly secondsPerText: number | null;
};

export type Contender = { readonly name: string; readonly members: readonly [Member, ...Member[]] };

/** Members whose configs differ in nothing but the seed are one contender, in the order of the first of each. */
export function contenders(members: readonly Member[]): Contender[] {
  const groups = new Map<string, [Member, ...Member[]]>();
  for (const [i, member] of members.entries()) {
    const key = member.config ? withoutSeed(member.config) : `bundle ${i}`;
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return [...groups.values()].map((group) => ({ name: nameOf(group.map(({ name }) => name)), members: group }));
}

/** What the names begin with, as far as they are alike: `runs/mine-1` and `runs/mine-2` are `runs/mine (2 seeds)`. */
function nameOf(names: readonly string[]): string {
  const [first] = names as [string, ...string[]];
  if (names.length === 1) return first;
  let length = 0;
  while (length < first.length && names.every((name) => name[length] === first[length])) length += 1;
  const start = first.slice(0, length).replace(/([-_./ ]*(seed)?[-_./ ]*)$/, '');
  return `${start === '' ? first : start} (${names.length} seeds)`;
}

/** @throws UsageError `usage/argument` when the members were not asked the same texts, or have other labels */
export function checkComparable(members: readonly Member[]): void {
  const [first, ...others] = members as [Member, ...Member[]];
  for (const { name, answers, fingerprint } of others) {
    const unlike = (what: string, fix: string) =>
      new UsageError('usage/argument', `${first.name} and ${name} cannot be compared: ${what}`, fix);
    if (answers.labels.join('\n') !== first.answers.labels.join('\n')) {
      const lists = `[${first.answers.labels.join(', ')}] and [${answers.labels.join(', ')}]`;
      throw unlike(`their labels are ${lists}`, 'compare models with the same labels in the same order (data.labels).');
    }
    const isSame = fingerprint === first.fingerprint && answers.texts.length === first.answers.texts.length;
    if (isSame) continue;
    throw unlike(
      `their val texts are not the same (${first.answers.texts.length} and ${answers.texts.length} texts; fingerprints ${short(first.fingerprint)} and ${short(fingerprint)})`,
      'give labelled texts for both with --on FILE, or train them on the same data.val.',
    );
  }
}

const short = (fingerprint: string | undefined): string => fingerprint?.slice(0, 12) ?? 'unknown';

/** What the members answer together: the mean of their scores, the labels that at least half of them give. */
export function together({ members }: Contender): Pick<Answers, 'given'> & { readonly scores: readonly (readonly number[])[] } {
  const all = members.map(({ answers }) => scoresOf(answers));
  const scores = all[0]!.map((row, text) => row.map((_, label) => all.reduce((sum, rows) => sum + rows[text]![label]!, 0) / all.length));
  const { task } = members[0].answers;
  const given = scores.map((row, text) => {
    const votes = (label: number) => members.filter(({ answers }) => answers.given[text]!.includes(label)).length;
    const order = row.map((_, label) => label).sort((a, b) => votes(b) - votes(a) || row[b]! - row[a]! || a - b);
    return {
      'single-label': () => order.slice(0, 1),
      'multi-label': () => row.flatMap((_, label) => (2 * votes(label) >= members.length ? [label] : [])),
      regression: () => [],
    }[task]();
  });
  return { given, scores };
}
