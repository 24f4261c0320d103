/** @file A dry run of a policy as a table for a person. */
import type { Decision } from '../models/index.js';

export type Moved = {
  readonly index: number;
  readonly from: Decision;
  readonly to: Decision;
  /** The rule that made the difference, in words. */
  readonly by: string;
  readonly label: string | null;
};

type Move = { readonly from: Decision; readonly to: Decision; readonly count: number };
type Shares = { readonly precision: number | null; readonly recall: number | null };
type SideOfDry = {
  readonly name: string;
  readonly decisions: Readonly<Record<Decision, number>>;
  /** With labels: of what is held, review and block together, and of what is blocked. */
  readonly quality?: { readonly held: Shares; readonly blocked: Shares };
};

export type Dry = {
  readonly texts: number;
  readonly labelled: boolean;
  readonly before: SideOfDry;
  readonly after: SideOfDry;
  /** Texts that are decided otherwise. */
  readonly moved: number;
  readonly moves: readonly Move[];
  readonly byRule: readonly (Move & { readonly by: string })[];
  /** True labels where the file has them, else those that the model gives. */
  readonly byLabel: readonly (Move & { readonly label: string | null })[];
  /** What decides about the texts that are held after. */
  readonly deciding: readonly { readonly decision: Decision; readonly kind: string; readonly name: string; readonly count: number }[];
};

const decisions: readonly Decision[] = ['publish', 'review', 'block'];

export function tryTable({ texts, labelled, before, after, moved, moves, byRule, byLabel }: Dry): string {
  const move = ({ from, to }: Move): string => `${from} -> ${to}`;
  const lines = [
    [`before: ${before.name}`, `after:  ${after.name}`],
    rows(['', 'before', 'after', 'change'], decisions.map((name) => [name, ...change(before.decisions[name], after.decisions[name])])), // biome-ignore format: one line
    [`${moved} of ${texts} texts are decided otherwise`],
    ...(moved === 0 ? [] : [rows(['moved', 'texts'], moves.map((one) => [move(one), String(one.count)]))]), // biome-ignore format: one line
    ...(moved === 0 ? [] : [rows(['by rule', 'moved', 'texts'], byRule.map((one) => [one.by, move(one), String(one.count)]), 2)]), // biome-ignore format: one line
    ...(byLabel.length === 0
      ? []
      : [rows([labelled ? 'by true label' : 'by label given', 'moved', 'texts'], byLabel.map((one) => [String(one.label), move(one), String(one.count)]), 2)]), // biome-ignore format: one line
    ...(before.quality && after.quality ? [qualityRows(before.quality, after.quality)] : []),
  ];
  return lines.map((part) => part.join('\n')).join('\n\n');
}

function change(before: number, after: number): string[] {
  const difference = after - before;
  return [String(before), String(after), difference === 0 ? '' : `${difference > 0 ? '+' : ''}${difference}`];
}

function qualityRows(before: NonNullable<SideOfDry['quality']>, after: NonNullable<SideOfDry['quality']>): string[] {
  const share = (value: number | null): string => (value === null ? '-' : value.toFixed(4));
  const line = (name: string, of: 'held' | 'blocked', what: keyof Shares) => [name, share(before[of][what]), share(after[of][what])];
  return rows(
    ['', 'before', 'after'],
    [
      line('held: rightly', 'held', 'precision'),
      line('held: of what should be', 'held', 'recall'),
      line('blocked: rightly', 'blocked', 'precision'),
      line('blocked: of what should be', 'blocked', 'recall'),
    ],
  );
}

/** @param words columns that are words and stand to the left; the others are numbers */
function rows(head: readonly string[], body: readonly (readonly string[])[], words = 1): string[] {
  const widths = head.map((cell, column) => Math.max(cell.length, ...body.map((row) => row[column]!.length)));
  const pad = (cell: string, column: number) => (column < words ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!));
  return [head, ...body].map((row) => row.map(pad).join('  ').trimEnd());
}
