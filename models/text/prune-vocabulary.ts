/** @file A vocabulary with fewer pieces, and weights with fewer rows: a multilingual or large model cut down to what its texts use. */
import { UsageError } from '../errors.js';
import type { Tensor } from '../runtime/session.js';
import type { Weights } from '../weights/safetensors.js';
import { parseTokenizerFile } from './tokenizer-file.js';

export type PrunedVocabulary = {
  /** Content of the new tokenizer.json. */
  readonly tokenizerJson: string;
  /** Old ids in the order of the new: the new id of `kept[i]` is `i`. */
  readonly kept: readonly number[];
};

export type PruneOptions = {
  /** Whether every piece of one character is kept too, so that words that were never seen can still be spelt. Default false. */
  readonly characters?: boolean;
};

/**
 * The tokenizer with the pieces that `keep` names, its special and added tokens, and no others, in their old order. A text whose pieces are all
 * kept is cut into the same pieces: WordPiece takes the longest piece that there is, and Unigram the likeliest path, and both are still there.
 *
 * @param keep ids; what is no id of the vocabulary is passed over
 * @throws UsageError `text/tokenizer` for BPE: its pieces are made of others by merges, so that few can be left out
 */
export function pruneVocabulary(
  tokenizerJson: string,
  keep: Iterable<number>,
  { characters = false }: PruneOptions = {},
): PrunedVocabulary {
  const file = readFile(tokenizerJson);
  const { added_tokens: added = [], model } = file;
  const vocabulary = vocabularies[model.type as Kind];
  if (!vocabulary)
    throw new UsageError(
      'text/tokenizer',
      `tokenizer.json: the pieces of a ${model.type} model cannot be left out one by one`,
      `take model.keepTokens out, or give a model of type ${Object.keys(vocabularies).join(' or ')}.`,
    );
  const pieces = piecesOf(file);
  const wanted = new Set([...keep, ...added.map(({ id }) => id), ...vocabulary.always(model)]);
  const kept = pieces.flatMap((piece, id) => (wanted.has(id) || (characters && isCharacter(piece)) ? [id] : []));
  const newIds = new Map(kept.map((id, at) => [id, at]));
  const newId = (id: number): number => newIds.get(id)!;
  const pruned = {
    ...file,
    ...(file.padding ? { padding: { ...file.padding, pad_id: newId(file.padding.pad_id) } } : {}),
    added_tokens: added.map((token) => ({ ...token, id: newId(token.id) })),
    post_processor: renumbered(file.post_processor, newId),
    model: { ...model, ...vocabulary.prune(model, newIds) },
  };
  return { tokenizerJson: `${JSON.stringify(pruned, null, 1)}\n`, kept };
}

/** Which old ids a pruned tokenizer.json has kept, in its order. */
export function keptIds(original: string, pruned: string): readonly number[] {
  const oldIds = new Map(piecesOf(readFile(original)).map((piece, id) => [piece, id]));
  return piecesOf(readFile(pruned)).map((piece) => {
    const id = oldIds.get(piece);
    if (id !== undefined) return id;
    throw new UsageError(
      'text/tokenizer',
      `tokenizer.json: the piece ${JSON.stringify(piece)} is not in the vocabulary that it should come from`,
      'give the pre-trained model that the run was started from.',
    );
  });
}

/** The pieces of a tokenizer.json in the order of their ids; undefined where an id stands for nothing. */
export const vocabularyPieces = (tokenizerJson: string): readonly (string | undefined)[] => piecesOf(readFile(tokenizerJson));

/**
 * The weights with the rows of kept ids alone, wherever a row stands for a piece: word vectors, and the decoder of a language model with its bias.
 *
 * @param vocabularySize rows of those tables before; it may be more than the tokenizer has pieces
 */
export function pruneWeights(weights: Weights, kept: readonly number[], vocabularySize: number): Weights {
  return new Map(
    [...weights].map(([name, tensor]) => [name, byPiece.test(name) && tensor.dims[0] === vocabularySize ? rowsOf(tensor, kept) : tensor]),
  );
}

const byPiece =
  /(^|\.)(word_embeddings\.weight|word_embedding\.weight|wte\.weight|lm_head\.(weight|bias)|lm_loss\.(weight|bias)|predictions\.(bias|decoder\.(weight|bias)))$/;

function rowsOf({ type, dims, data }: Tensor, kept: readonly number[]): Tensor {
  const width = dims.slice(1).reduce((a, b) => a * b, 1);
  const rows = data.slice(0, kept.length * width);
  for (const [at, id] of kept.entries()) rows.set(data.subarray(id * width, (id + 1) * width) as never, at * width);
  return { type, dims: [kept.length, ...dims.slice(1)], data: rows };
}

type Model = { readonly type?: string; readonly unk_id?: number | null; readonly vocab: Words | Scored };
type Words = Readonly<Record<string, number>>;
type Scored = readonly (readonly [piece: string, score: number])[];
type File = {
  readonly added_tokens?: readonly { readonly id: number; readonly content: string }[];
  readonly padding?: { readonly pad_id: number } | null;
  readonly post_processor?: unknown;
  readonly model: Model;
};

type Kind = 'WordPiece' | 'Unigram';
type Vocabulary = {
  /** Ids without which the others would be cut otherwise. */
  readonly always: (model: Model) => readonly number[];
  /** @param newIds by old id, in the order of both */
  readonly prune: (model: Model, newIds: ReadonlyMap<number, number>) => Partial<Model>;
};

const vocabularies: { readonly [K in Kind]: Vocabulary } = {
  WordPiece: {
    always: () => [],
    prune: ({ vocab }, newIds) => ({
      vocab: Object.fromEntries(
        Object.entries(vocab as Words)
          .flatMap(([piece, id]) => (newIds.has(id) ? [[piece, newIds.get(id)!] as const] : []))
          .sort(([, a], [, b]) => a - b),
      ),
    }),
  },
  Unigram: {
    // What is unknown costs a fixed amount more than the least likely piece, so that piece has to stay.
    always: ({ vocab, unk_id: unknown }) => {
      const scores = (vocab as Scored).map(([, score]) => score);
      const least = scores.reduce((at, score, id) => (score < scores[at]! ? id : at), 0);
      return [least, ...(unknown == null ? [] : [unknown])];
    },
    prune: ({ vocab, unk_id: unknown }, newIds) => ({
      vocab: (vocab as Scored).filter((_, id) => newIds.has(id)),
      ...(unknown == null ? {} : { unk_id: newIds.get(unknown)! }),
    }),
  },
};

function readFile(tokenizerJson: string): File {
  parseTokenizerFile(tokenizerJson); // says what is wrong with a file that is none
  const file = JSON.parse(tokenizerJson) as File;
  return { ...file, model: { ...file.model, type: file.model.type ?? 'WordPiece' } };
}

function piecesOf({ added_tokens: added = [], model: { vocab } }: File): readonly string[] {
  const pieces: string[] = [];
  if (Array.isArray(vocab)) for (const [id, [piece]] of (vocab as Scored).entries()) pieces[id] = piece;
  else for (const [piece, id] of Object.entries(vocab as Words)) pieces[id] = piece;
  for (const { id, content } of added) pieces[id] = content;
  return pieces;
}

/** One character, at the beginning of a word or within one. */
const isCharacter = (piece: string): boolean => [...piece.replace(/^(##|▁)/, '')].length === 1;

/** Ids in a post-processor: `ids` of template parts, and `[word, id]` of the older kinds. */
function renumbered(part: unknown, newId: (id: number) => number): unknown {
  if (Array.isArray(part)) {
    const [word, id] = part;
    if (part.length === 2 && typeof word === 'string' && typeof id === 'number') return [word, newId(id)];
    return part.map((one) => renumbered(one, newId));
  }
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [
      key,
      key === 'ids' && Array.isArray(value) ? value.map((id) => newId(id as number)) : renumbered(value, newId),
    ]),
  );
}
