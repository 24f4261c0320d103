/** @file What pre-training needs to know of a tokenizer.json. */
import { UsageError, vocabularyPieces } from '../../models/index.js';

export type Vocabulary = {
  /** By id; undefined where an id stands for nothing. */
  readonly pieces: readonly (string | undefined)[];
  /** Ids of special tokens, the unknown one among them. */
  readonly special: ReadonlySet<number>;
  /** Ids of all the others. */
  readonly ordinary: readonly number[];
  readonly maskId: number;
  /** Whether a piece goes on with the word of the piece before it. */
  readonly continues: (piece: string) => boolean;
};

type File = {
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special?: boolean }[];
  readonly model: { readonly type?: string; readonly unk_token?: string; readonly continuing_subword_prefix?: string };
};

/** @throws UsageError `text/tokenizer` where words are to be masked and there is no mask token */
export function readVocabulary(tokenizerJson: string, { masked }: { readonly masked: boolean }): Vocabulary {
  const { added_tokens: added = [], model } = JSON.parse(tokenizerJson) as File;
  const pieces = vocabularyPieces(tokenizerJson);
  const special = new Set(added.filter(({ special: is }) => is).map(({ id }) => id));
  const unknown = pieces.indexOf(model.unk_token ?? '<unk>');
  if (unknown >= 0) special.add(unknown);
  const maskId = added.find(({ content }) => content === '[MASK]' || content === '<mask>')?.id;
  if (masked && maskId === undefined)
    throw new UsageError(
      'text/tokenizer',
      'tokenizer.json: there is no mask token, [MASK] or <mask>',
      'give the tokenizer of a model that was trained with one, or let a vocabulary be made here: take model.pretrained out.',
    );
  const prefix = model.continuing_subword_prefix ?? '##';
  // Of the other kinds words, not their pieces, have a mark: Unigram writes it ▁, byte-level BPE Ġ.
  const continues: (piece: string) => boolean =
    (model.type ?? 'WordPiece') === 'WordPiece' ? (piece) => piece.startsWith(prefix) : (piece) => !/^[▁Ġ]/.test(piece);
  const ordinary = pieces.flatMap((piece, id) => (piece === undefined || special.has(id) ? [] : [id]));
  return { pieces, special, ordinary, maskId: maskId ?? -1, continues };
}

/** The first and the last token of every text, by which a language model begins and ends. */
export function frame(ids: readonly number[]): { readonly start: number; readonly end: number } {
  const [start, end] = [ids[0], ids.at(-1)];
  if (ids.length >= 2 && start !== undefined && end !== undefined) return { start, end };
  throw new UsageError(
    'text/tokenizer',
    'tokenizer.json: texts have no token before and after them by which a model could tell where they begin and end',
    'let a vocabulary be made here (take model.pretrained out), or give the tokenizer a post_processor that adds them.',
  );
}
