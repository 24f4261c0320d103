/** @file Words that are nearly always with one label. */
import { type AuditRecord, wholeText } from './records.js';
import { chiSquare, fisher, type Interval, wilson } from './statistics.js';
import { tokensOf } from './words.js';

export type TokenAssociation = {
  /** `^word`: the first word of a text; `word$`: the last. */
  readonly token: string;
  readonly label: string;
  /** Texts that have the token, and those of them with the label. */
  readonly texts: number;
  readonly count: number;
  readonly precision: number;
  readonly interval: Interval;
  /** Share of the label's texts that have the token. */
  readonly recall: number;
  /** Fisher's exact test, times the number of tokens and labels that were tested. */
  readonly p: number;
};

export type TokenCounts = {
  readonly texts: number;
  /** Texts of each label. */
  readonly totals: readonly number[];
  /** Of the tokens that enough texts have: in how many, and in how many of each label. */
  readonly tokens: readonly { readonly token: string; readonly texts: number; readonly byLabel: readonly number[] }[];
};

/** @param support share of the texts that must have a token; never fewer than five texts */
export function countTokens(records: readonly AuditRecord[], labels: readonly string[], support: number): TokenCounts {
  const numbers = new Map(labels.map((label, index) => [label, index]));
  const totals = new Array<number>(labels.length).fill(0);
  const counts = new Map<string, { texts: number; byLabel: number[] }>();
  for (const record of records) {
    const own = record.labels!.map((label) => numbers.get(label)!);
    for (const label of own) totals[label]! += 1;
    for (const token of placedTokens(record)) {
      let entry = counts.get(token);
      if (!entry) {
        entry = { texts: 0, byLabel: new Array<number>(labels.length).fill(0) };
        counts.set(token, entry);
      }
      entry.texts += 1;
      for (const label of own) entry.byLabel[label]! += 1;
    }
  }
  const tokens = [...counts].flatMap(([token, entry]) =>
    entry.texts >= Math.max(5, support * records.length) ? [{ token, ...entry }] : [],
  );
  return { texts: records.length, totals, tokens };
}

export type AssociationLimits = {
  readonly precision: number;
  /** Largest p, corrected. */
  readonly chance: number;
};

/** By the number of texts they are in, the most first. A label that most texts have anyway takes more: at most half the usual exceptions. */
export function associatedTokens(
  { texts: all, totals, tokens }: TokenCounts,
  labels: readonly string[],
  { precision: least, chance }: AssociationLimits,
): TokenAssociation[] {
  const tests = tokens.length * labels.length;
  return tokens
    .flatMap(({ token, texts, byLabel }) =>
      byLabel.flatMap((count, of): TokenAssociation[] => {
        const usual = totals[of]! / all;
        if (count / texts < Math.max(least, 1 - (1 - usual) / 2)) return [];
        const p = Math.min(1, tests * fisher(count, texts, totals[of]!, all));
        if (p > chance) return [];
        const interval = wilson(count, texts);
        return [{ token, label: labels[of]!, texts, count, precision: count / texts, interval, recall: count / totals[of]!, p }];
      }),
    )
    .sort((a, b) => b.texts - a.texts || (a.token < b.token ? -1 : 1));
}

/** The tokens that labels depend on most. */
export function strongestTokens({ texts: all, totals, tokens }: TokenCounts, most: number): string[] {
  return tokens
    .map(({ token, texts, byLabel }) => ({
      token,
      // With labels, and without any (several may hold): both columns of presence.
      strength: texts === all ? 0 : chiSquare([byLabel, byLabel.map((count, of) => totals[of]! - count)]).strength,
    }))
    .sort((a, b) => b.strength - a.strength || (a.token < b.token ? -1 : 1))
    .slice(0, most)
    .map(({ token }) => token);
}

/** A token as it can be read: signs that nobody sees by their code. */
export function sayToken(token: string): string {
  return token.replace(
    /[\p{C}\p{Z}\u00ad]|[\ufe00-\ufe0f]/gu,
    (sign) => `U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`,
  );
}

/** Each token once, and the first and the last one marked as such. */
export function placedTokens(record: AuditRecord): Set<string> {
  const tokens = tokensOf(wholeText(record));
  const placed = new Set(tokens);
  if (tokens.length > 1) placed.add(`^${tokens[0]}`).add(`${tokens.at(-1)}$`);
  return placed;
}
