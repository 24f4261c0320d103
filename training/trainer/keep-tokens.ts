/** @file A pre-trained model with the word pieces that its training texts need, and no others. */
import { keptIds, pruneVocabulary, pruneWeights, type TextInput } from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import type { Pretrained } from './pretrained.js';

export type KeepTokens = {
  /** `used`: every piece of the texts. A number: so many of them, the most frequent. */
  readonly keep: 'used' | number;
  readonly texts: readonly TextInput[];
  /** The tokenizer of the run that is resumed, which says what was kept. */
  readonly tokenizerJson?: string | undefined;
};

/** Special tokens and pieces of one character stay in any case, so that words that the texts do not have can be spelt. */
export async function keepTokens(pretrained: Pretrained, { keep, texts, tokenizerJson }: KeepTokens): Promise<Pretrained> {
  const { encoder, weights } = pretrained;
  const pruned = tokenizerJson
    ? { tokenizerJson, kept: keptIds(pretrained.tokenizerJson, tokenizerJson) }
    : pruneVocabulary(pretrained.tokenizerJson, await mostUsed(pretrained.tokenizerJson, texts, keep), { characters: true });
  return {
    encoder: { ...encoder, vocabularySize: pruned.kept.length },
    tokenizerJson: pruned.tokenizerJson,
    weights: pruneWeights(weights, pruned.kept, encoder.vocabularySize),
  };
}

/** Ids by how often the texts have them; where that is alike, the lower id first. */
async function mostUsed(tokenizerJson: string, texts: readonly TextInput[], keep: 'used' | number): Promise<readonly number[]> {
  const counts = new Map<number, number>();
  for (const { ids } of await createTokenizer(tokenizerJson).encode(texts, wholeText)) {
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, countA], [b, countB]) => countB - countA || a - b).map(([id]) => id);
  return keep === 'used' ? sorted : sorted.slice(0, keep);
}

/** Tokens: longer than any text. */
const wholeText = 2 ** 30;
