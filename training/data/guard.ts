/** @file What would make figures on val and test worth less: their texts among those that are learned from without labels. */
import { UsageError } from '../../models/index.js';
import { unorderedKey } from './text-key.js';

type Text = { readonly text: string; readonly pair?: string };

/** Texts of val and test that stand among the unlabelled ones, by the config's leave. */
export type Transductive = { readonly count: number; readonly val: number; readonly test: number };

/** White space, Unicode form and the order of a pair do not count.
 *  @returns how many unlabelled texts are also in val or test; `undefined` where none is
 *  @throws UsageError `data/invalid` where there are any and the config does not allow them */
export function guardUnlabelled(
  unlabelled: readonly Text[],
  held: { readonly val: readonly Text[]; readonly test: readonly Text[] },
  allowed: boolean,
): Transductive | undefined {
  const [val, test] = [held.val, held.test].map((texts) => new Set(texts.map(unorderedKey))) as [Set<string>, Set<string>];
  const found = unlabelled.filter((text) => val.has(unorderedKey(text)) || test.has(unorderedKey(text)));
  if (found.length === 0) return undefined;
  const of = (keys: ReadonlySet<string>) => found.filter((text) => keys.has(unorderedKey(text))).length;
  const transductive = { count: found.length, val: of(val), test: of(test) };
  if (allowed) return transductive;
  const shown = found.slice(0, 3).map(({ text, pair }) => JSON.stringify(pair === undefined ? text : `${text} | ${pair}`).slice(0, 80));
  throw new UsageError(
    'data/invalid',
    `data.unlabelled: ${found.length} of its texts are also held out (${transductive.val} in val, ${transductive.test} in test): ${shown.join(', ')}${found.length > 3 ? ', …' : ''}`,
    'take them out, so that val and test stay unseen; or set data.allowTestTexts to true, which is written down with the run and the model.',
  );
}
