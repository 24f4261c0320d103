/** @file How many texts a second several models answer, measured side by side: in rounds, so that a slow moment of the machine meets all of them. */
import type { Classifier, TextInput } from '../../models/index.js';

export type Contender = { readonly name: string; readonly classifier: Classifier };

export type RateOptions = {
  readonly texts: readonly TextInput[];
  /** Texts of one call. */
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
  /** The median of what the rounds gave, against the first contender in the same round. */
  readonly ratio: number;
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
        await classifier.logits(asked, { maxBatch: batch, batchTokens: Number.POSITIVE_INFINITY });
        done += batch;
        passed = now() - began;
      }
      seen[i]!.push((1000 * done) / passed);
    }
  }
  return contenders.map(({ name }, i) => ({
    name,
    textsPerSecond: median(seen[i]!),
    ratio: median(seen[i]!.map((rate, round) => rate / seen[0]![round]!)),
  }));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low! + high!) / 2;
}
