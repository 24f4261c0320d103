/** @file A pre-trained model with the word pieces that its training texts need, and no others. */
import { keptIds, type PrunedVocabulary, pruneVocabulary, pruneWeights, type TextInput, vocabularyPieces } from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import type { Pretrained } from './pretrained.js';

export type KeepTokens = {
  readonly keep: 'used' | number;
  readonly texts: readonly TextInput[];
  /** The tokenizer of the run that is resumed, which says what was kept. */
  readonly tokenizerJson?: string | undefined;
};

/**
 * `used`: the pieces of the texts, and every piece of one character, so that words that the texts do not have can be spelt. A number: so many pieces
 * in all besides the special ones: of one character those that the texts or ASCII have, then the most frequent.
 */
export async function keepTokens(pretrained: Pretrained, { keep, texts, tokenizerJson }: KeepTokens): Promise<Pretrained> {
  const { vocabularySize, weights } = pretrained;
  const pruned = tokenizerJson
    ? { tokenizerJson, kept: keptIds(pretrained.tokenizerJson, tokenizerJson) }
    : await prune(pretrained.tokenizerJson, keep, texts);
  return {
    ...pretrained,
    vocabularySize: pruned.kept.length,
    tokenizerJson: pruned.tokenizerJson,
    weights: pruneWeights(weights, pruned.kept, vocabularySize),
  };
}

async function prune(tokenizerJson: string, keep: KeepTokens['keep'], texts: readonly TextInput[]): Promise<PrunedVocabulary> {
  const used = await mostUsed(tokenizerJson, texts);
  if (keep === 'used') return pruneVocabulary(tokenizerJson, used, { characters: true });
  const pieces = vocabularyPieces(tokenizerJson);
  const known = new Set(used.flatMap((id) => [...bare(pieces[id]!)]));
  const letters = pieces.flatMap((piece = '', id) => {
    const [character = '', ...more] = bare(piece);
    return more.length === 0 && (known.has(character) || /^[!-~]$/.test(character)) ? [id] : [];
  });
  return pruneVocabulary(tokenizerJson, [...new Set([...letters, ...used])].slice(0, Math.max(keep, letters.length)));
}

/** What a piece stands for, without the mark of its place in a word. */
const bare = (piece: string): string => piece.replace(/^(##|▁)/, '');

/** Ids by how often the texts have them; where that is alike, the lower id first. */
async function mostUsed(tokenizerJson: string, texts: readonly TextInput[]): Promise<readonly number[]> {
  const counts = new Map<number, number>();
  for (const { ids } of await createTokenizer(tokenizerJson).encode(texts, wholeText)) {
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return [...counts].sort(([a, countA], [b, countB]) => countB - countA || a - b).map(([id]) => id);
}

/** Tokens: longer than any text. */
const wholeText = 2 ** 30;
