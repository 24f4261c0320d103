/** @file A row of the queue, and the item that it is for those who ask. */
import type { ReviewItem } from '../protocol/index.js';
import { readText } from './text-hash.js';

export type ItemRow = {
  readonly seq: number;
  readonly id: string;
  readonly text: string;
  readonly pair: string | null;
  readonly model: string;
  readonly decision: ReviewItem['decision'];
  readonly label: string | null;
  readonly labels: string | null;
  readonly scores: string;
  readonly rule: string;
  readonly policy: string | null;
  readonly client: string | null;
  readonly language: string | null;
  readonly ref: string | null;
  readonly created: number;
  readonly seen: number;
  readonly last_seen: number;
  readonly claimed_by: string | null;
  readonly claimed_until: number | null;
  readonly decided_at: number | null;
  readonly decided_by: string | null;
  readonly outcome_action: 'publish' | 'block' | null;
  readonly outcome_label: string | null;
  readonly outcome_labels: string | null;
  readonly note: string | null;
};

/** The longest claim that can be asked for. ms */
const longestLease = 86_400_000;

/** One that ends later than any claim can was made before the clock was set back: it does not hold. */
export const claimHolds = ({ claimed_until }: Pick<ItemRow, 'claimed_until'>, now: number): boolean =>
  claimed_until !== null && claimed_until > now && claimed_until <= now + longestLease;

/** The same in SQL, with `:now`. */
export const isFreeSql = `(claimed_until IS NULL OR claimed_until <= :now OR claimed_until > :now + ${longestLease})`;

export function toItem(row: ItemRow, now: number): ReviewItem {
  const { decided_at, decided_by, claimed_by, claimed_until } = row;
  const claimed = decided_at === null && claimHolds(row, now);
  return {
    id: row.id,
    status: decided_at === null ? (claimed ? 'claimed' : 'open') : 'decided',
    text: readText(row.text),
    model: row.model,
    decision: row.decision,
    scores: JSON.parse(row.scores) as Record<string, number>,
    rule: JSON.parse(row.rule) as ReviewItem['rule'],
    ...present({
      pair: pairOf(row),
      label: row.label,
      labels: list(row.labels),
      policy: row.policy,
      client: row.client,
      language: row.language,
      ref: row.ref,
    }),
    created: iso(row.created),
    seen: row.seen,
    lastSeen: iso(row.last_seen),
    ...(claimed ? { claim: { by: claimed_by ?? '', until: iso(claimed_until ?? 0) } } : {}),
    ...(decided_at === null ? {} : { outcome: { ...outcomeOf(row), by: decided_by ?? '', at: iso(decided_at) } }),
  };
}

const outcomeOf = ({ outcome_action, outcome_label, outcome_labels, note }: ItemRow) =>
  present({ action: outcome_action, label: outcome_label, labels: list(outcome_labels), note });

export const pairOf = ({ pair }: Pick<ItemRow, 'pair'>): string | null => (pair === null ? null : readText(pair));

/** A column that holds labels. */
export const list = (json: string | null): string[] | null => (json === null ? null : (JSON.parse(json) as string[]));

export const iso = (time: number): string => new Date(time).toISOString();

/** The fields that have a value. */
export function present<T extends object>(fields: T): { readonly [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as never;
}
