/** @file How many texts a second several models answer, measured side by side: in rounds, so that a slow moment of the machine meets all of them. */
import { fewestRuns, median, quartiles } from '../../models/bench/node.js';
import type { Classifier, TextInput } from '../../models/index.js';

export type Contender = { readonly name: string; readonly classifier: Classifier };

export type RateOptions = {
  readonly texts: readonly TextInput[];
  /** Texts of one call; the classifier packs them by length, as it does for everybody. */
  readonly batch: number;
  readonly rounds: number;
  /** Milliseconds of one contender's turn in a round. */
  readonly turnMs: number;
  /** Milliseconds, never going back. */
  readonly now?: () => number;
};

export type Rate = {
  readonly name: string;
  /** The median over the rounds. */
  readonly textsPerSecond: number;
  /** The median of what the rounds gave, against the first contender in the same round; `null` after fewer than five, which tell nothing apart. */
  readonly ratio: number | null;
  /** Quartiles of the same; `null` where there is no ratio. */
  readonly spread: readonly [low: number, high: number] | null;
};

export async function measureRates(
  contenders: readonly Contender[],
  { texts, batch, rounds, turnMs, now = () => performance.now() }: RateOptions,
): Promise<readonly Rate[]> {
  const seen = contenders.map((): number[] => []);
  for (const { classifier } of contenders) await classifier.logits(texts.slice(0, batch)); // the first run also allocates
  for (let round = 0; round < rounds; round++) {
    for (const [i, { classifier }] of contenders.entries()) {
      const began = now();
      let [done, passed] = [0, 0];
      for (let at = (round * 7) % texts.length; passed < turnMs || done === 0; at = (at + batch) % texts.length) {
        const asked = Array.from({ length: batch }, (_, k) => texts[(at + k) % texts.length]!);
        await classifier.logits(asked);
        done += batch;
        passed = now() - began;
      }
      seen[i]!.push((1000 * done) / passed);
    }
  }
  return contenders.map(({ name }, i) => {
    const ratios = seen[i]!.map((rate, round) => rate / seen[0]![round]!);
    const told = rounds >= fewestRuns;
    return { name, textsPerSecond: median(seen[i]!), ratio: told ? median(ratios) : null, spread: told ? quartiles(ratios) : null };
  });
}

/** `177 (2.21x, 2.15 to 2.28)`; the first contender, and where there is no ratio, the figure alone. */
export function shownRate({ textsPerSecond, ratio, spread }: Omit<Rate, 'name'>, isFirst: boolean): string {
  const figure = Math.round(textsPerSecond).toLocaleString('en');
  return isFirst || ratio === null || !spread
    ? figure
    : `${figure} (${ratio.toFixed(2)}x, ${spread.map((one) => one.toFixed(2)).join(' to ')})`;
}
