/** @file Many texts, a few at a time, so that one can watch, and stop. */
import { type Classifier, CopydeskError, type Item, type ProblemCode } from '../../asking/index.js';
import type { RowResult } from './write-table.js';

export type ClassifyRowsOptions = {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
  /** Texts of one call. Default 64. */
  readonly size?: number;
};

/**
 * Answers in the order of the items, as far as it came; an item without text has none.
 *
 * @returns what was answered, and why it ended before its time
 */
export async function classifyRows(
  classifier: Pick<Classifier, 'classify'>,
  items: readonly Exclude<Item, string>[],
  { signal, onProgress, size = 64 }: ClassifyRowsOptions,
): Promise<{ readonly results: readonly RowResult[]; readonly ended: unknown }> {
  const results: RowResult[] = items.map(() => undefined);
  const wanted = items.flatMap(({ text }, i) => (text.trim() === '' ? [] : [i]));
  for (let at = 0; at < wanted.length; at += size) {
    const some = wanted.slice(at, at + size);
    try {
      const answers = await ask(some.map((i) => items[i]!));
      for (const [k, i] of some.entries()) results[i] = answers[k];
    } catch (error) {
      return { results, ended: error };
    }
    onProgress(Math.min(items.length, (some.at(-1) ?? 0) + 1));
  }
  onProgress(items.length);
  return { results, ended: undefined };

  /** One text that is refused must not keep the others from being read. */
  async function ask(some: readonly Item[]): Promise<readonly RowResult[]> {
    try {
      return await classifier.classify(some, { signal });
    } catch (error) {
      if (signal.aborted || !(error instanceof CopydeskError) || !aboutTheText.has(error.code)) throw error;
      if (some.length === 1) return [{ error: `${error.message}. ${error.fix}.` }];
      const answers: RowResult[] = [];
      for (const one of some) answers.push(...(await ask([one])));
      return answers;
    }
  }
}

/** What another text would not be refused for. */
const aboutTheText: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['data/invalid', 'text-too-long', 'body-too-large', 'model-refused']);
