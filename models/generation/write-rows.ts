/** @file Greedy decoding and sampling: each sequence is written on by itself, all of them in one batch. */
import type { Decoder } from './decoder.js';
import type { Generated } from './generated.js';
import type { GreedyConfig, SampleConfig } from './generation-config.js';
import { logSoftmax } from './probabilities.js';
import { repeatingTokens, without } from './restrictions.js';

type Row = { ids: number[]; logProbability: number; ended: boolean };

/** @param choose the token that follows, from the log-probabilities of all; -∞ for what must not come */
export async function writeRows(
  decoder: Decoder,
  prompts: readonly (readonly number[])[],
  { maxNewTokens, endToken, noRepeatNgram }: GreedyConfig | SampleConfig,
  choose: (scores: Float64Array) => number,
): Promise<Generated[]> {
  const rows = prompts.map((prompt): Row => ({ ids: [...prompt], logProbability: 0, ended: false }));
  let open = rows;
  let decoding = await decoder.start(prompts);
  for (let step = 0; step < maxNewTokens; step++) {
    const going: number[] = [];
    for (const [i, row] of open.entries()) {
      const logProbabilities = logSoftmax(decoding.logits[i]!);
      const token = choose(without(logProbabilities, repeatingTokens(row.ids, noRepeatNgram)));
      row.ids.push(token);
      row.logProbability += logProbabilities[token]!;
      row.ended = token === endToken;
      if (!row.ended) going.push(i);
    }
    if (going.length === 0 || step === maxNewTokens - 1) break;
    open = going.map((i) => open[i]!);
    decoding = await decoding.advance(
      going,
      open.map(({ ids }) => ids.at(-1)!),
    );
  }
  return rows.map(({ ids, logProbability, ended }, i) => ({ ids, promptLength: prompts[i]!.length, logProbability, ended }));
}
