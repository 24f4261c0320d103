/** @file Verdicts written in the forms that people hand in, to stdout or a file; zipped too. */
import { UsageError, type VerdictRules } from '../models/index.js';
import { type FieldNames, type Layout, layouts, type Output, openFileOutput } from '../serving/index.js';
import { toTerminal, zipAs } from './answer-sink.js';
import type { Terminal } from './terminal.js';

export type AnswerOptions = {
  readonly format: string;
  /** Fields that name a text, separated by commas. */
  readonly ids?: string;
  /** The label whose score a column of probabilities holds. */
  readonly label?: string;
  /** File to write; with .zip it holds the file of the format. Default: stdout. */
  readonly to?: string;
  /** What the texts given call their fields. */
  readonly fields?: FieldNames;
  /** File for lines that cannot be answered. */
  readonly badLines?: string;
  /** Whether to go on where what `to` names is unfinished. */
  readonly resume?: boolean;
};

export const formats = Object.keys(layouts) as readonly (keyof typeof layouts)[];

export type Answers = { readonly layout: Layout; readonly output: Output };

/**
 * Carries out `work`, which writes the answers. A file is there when all went well; else what is complete stays beside its place, to go on from.
 *
 * @param task what must not change between an interrupted run and the one that goes on; empty: it cannot be gone on with
 * @throws UsageError `usage/argument` for a format, label or id that cannot be, or for another task than that which was begun
 */
export async function writeAnswers(
  terminal: Terminal,
  { format, ids, label, to, fields = {}, badLines, resume = false }: AnswerOptions,
  rules: Pick<VerdictRules, 'labels' | 'activation'>,
  work: (answers: Answers) => Promise<void>,
  task: Readonly<Record<string, string>> = {},
): Promise<void> {
  const known = formats.find((one) => one === format);
  if (!known) throw new UsageError('usage/argument', `--format ${format}: no such format`, `use one of ${formats.join(', ')}.`);
  const layout: Layout = layouts[known]({ ids: ids?.split(',').map((id) => id.trim()), label, fields, rules });
  const options = JSON.stringify({ format, ids, label, fields });
  const output =
    to === undefined
      ? await toTerminal(terminal, layout.head)
      : await openFileOutput({
          path: to,
          head: layout.head,
          aside: badLines,
          task: { ...task, options },
          resume,
          ...(/\.zip$/i.test(to) ? { pack: zipAs(layout.name) } : {}),
        });
  try {
    await work({ layout, output });
    await output.finish();
  } catch (error) {
    await output.stop();
    throw error;
  }
}
