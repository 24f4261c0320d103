/** @file Beam search as transformers carries it out: the likeliest whole sequence among those that stay among the `beams` likeliest on the way. */
import type { Decoder } from './decoder.js';
import type { Generated } from './generated.js';
import type { BeamConfig } from './generation-config.js';
import { largest, logSoftmax } from './probabilities.js';
import { repeatingTokens, without } from './restrictions.js';

type Beam = {
  readonly ids: readonly number[];
  /** The sum over new tokens. */
  readonly logProbability: number;
  /** Where its logits are in the decoding. */
  readonly row: number;
};
type Finished = Generated & { readonly score: number };
type Search = { readonly promptLength: number; beams: readonly Beam[]; finished: readonly Finished[]; open: boolean };

export async function beamSearch(decoder: Decoder, prompts: readonly (readonly number[])[], config: BeamConfig): Promise<Generated[]> {
  let decoding = await decoder.start(prompts);
  const searches = prompts.map((ids, row): Search => {
    return { promptLength: ids.length, beams: [{ ids, logProbability: 0, row }], finished: [], open: true };
  });
  for (let step = 1; step <= config.maxNewTokens; step++) {
    for (const search of searches) if (search.open) widen(search, decoding.logits, step, config);
    const going = searches.filter(({ open }) => open);
    if (going.length === 0) break;
    const beams = going.flatMap((search) => search.beams);
    decoding = await decoding.advance(
      beams.map(({ row }) => row),
      beams.map(({ ids }) => ids.at(-1)!),
    );
    let row = 0;
    for (const search of going) search.beams = search.beams.map((beam) => ({ ...beam, row: row++ }));
  }
  return searches.map(({ promptLength, finished, beams: [best] }): Generated => {
    const { ids, logProbability, ended } = finished[0] ?? { ...best!, ended: false };
    return { ids, promptLength, logProbability, ended };
  });
}

/** One more token: the search with its next beams, what has finished, and whether to go on. */
function widen(search: Search, logits: readonly Float32Array[], step: number, config: BeamConfig): void {
  const { beams: width, lengthPenalty, earlyStopping, endToken, maxNewTokens } = config;
  // Twice as many as there are beams: were all of the first to end here, as many would be left to go on with.
  const candidates = likeliest(search.beams, logits, 2 * width, config).map((beam) => {
    const ended = beam.ids.at(-1) === endToken;
    return { beam, ended, stops: ended || step === maxNewTokens };
  });
  const finished = candidates
    .slice(0, width)
    .filter(({ stops }) => stops)
    .map(({ beam: { ids, logProbability }, ended }): Finished => {
      return { ids, promptLength: search.promptLength, logProbability, ended, score: logProbability / step ** lengthPenalty };
    });
  search.finished = [...search.finished, ...finished].sort((a, b) => b.score - a.score).slice(0, width);
  const going = candidates.filter(({ stops }) => !stops).slice(0, width);
  if (going.length === 0) {
    search.open = false;
    return;
  }
  search.beams = going.map(({ beam }) => beam);
  if (search.finished.length < width) return;
  // As if the best of the beams were to end here: what it would have to beat.
  const hope = search.beams[0]!.logProbability / step ** lengthPenalty;
  search.open = !earlyStopping && hope > search.finished.at(-1)!.score;
}

/** The `count` likeliest continuations of all beams by one token, the likeliest first; fewer where fewer may come. */
function likeliest(beams: readonly Beam[], logits: readonly Float32Array[], count: number, { noRepeatNgram }: BeamConfig): readonly Beam[] {
  return beams
    .flatMap((beam) => {
      const scores = without(logSoftmax(logits[beam.row]!), repeatingTokens(beam.ids, noRepeatNgram));
      return largest(scores, count).flatMap((token): Beam[] =>
        scores[token] === Number.NEGATIVE_INFINITY
          ? []
          : [{ ids: [...beam.ids, token], logProbability: beam.logProbability + scores[token]!, row: beam.row }],
      );
    })
    .sort((a, b) => b.logProbability - a.logProbability)
    .slice(0, count);
}
