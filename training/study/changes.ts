/** @file Which answers change from one contender to another. */
import { type Contender, together } from './contender.js';

export type Changes = {
  /** Wrong before and right now; right before and wrong now; wrong both times, otherwise. */
  readonly mended: number;
  readonly broken: number;
  readonly otherwise: number;
  readonly same: number;
  /** Those whose score of what is right moved most. */
  readonly examples: readonly ChangedText[];
};

export type ChangedText = {
  readonly kind: 'mended' | 'broken' | 'otherwise';
  readonly text: string;
  readonly pair?: string;
  readonly truth: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
};

/** @param most examples
 *  @returns `null` in a regression, where every answer changes a little */
export function changes(a: Contender, b: Contender, most: number): Changes | null {
  const { task, labels, targets, texts } = a.members[0].answers;
  if (task === 'regression') return null;
  const [before, after] = [together(a), together(b)];
  const changed = texts.flatMap((text, i) => {
    const truth = targets[i]!.flatMap((target, label) => (target >= 0.5 ? [label] : []));
    const [was, is] = [before.given[i]!, after.given[i]!];
    if (same(was, is)) return [];
    const kind = same(is, truth) ? ('mended' as const) : same(was, truth) ? ('broken' as const) : ('otherwise' as const);
    const moved = targets[i]!.reduce((sum, _, label) => sum + Math.abs(after.scores[i]![label]! - before.scores[i]![label]!), 0);
    const named = (some: readonly number[]) => some.map((label) => labels[label]!);
    return [{ moved, text: { kind, ...text, truth: named(truth), before: named(was), after: named(is) } }];
  });
  const count = (kind: ChangedText['kind']) => changed.filter(({ text }) => text.kind === kind).length;
  return {
    mended: count('mended'),
    broken: count('broken'),
    otherwise: count('otherwise'),
    same: texts.length - changed.length,
    examples: changed
      .sort((x, y) => y.moved - x.moved)
      .slice(0, most)
      .map(({ text }) => text),
  };
}

const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((label) => b.includes(label));
