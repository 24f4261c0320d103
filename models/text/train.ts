/** @file A WordPiece vocabulary from texts, for models from scratch. The same texts in the same order give the same bytes. */
import { bertWords, createBertNormalizer } from './bert-normalizer.js';
import { learnPieces } from './learn-pieces.js';

export type WordPieceTraining = {
  readonly texts: Iterable<string>;
  /** Largest number of tokens, special ones included. Fewer come out where the texts hold no more that is worth a token. */
  readonly vocabularySize: number;
  /** Whether case and accents are dropped. Default true. */
  readonly lowercase?: boolean;
  /** A pair of pieces seen less often is not joined. Default 2. */
  readonly minFrequency?: number;
  /** Largest number of different characters; the rarest beyond it become [UNK]. Default 1000, and at most half of the vocabulary. */
  readonly alphabetLimit?: number;
};

/** In the order of their ids, from 0. */
export const specialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

/** @returns the content of a tokenizer.json: BertNormalizer, BertPreTokenizer, WordPiece, `[CLS] A [SEP] B [SEP]` with segments 0 and 1 */
export async function trainWordPiece(options: WordPieceTraining): Promise<string> {
  const { texts, vocabularySize, lowercase = true, minFrequency = 2 } = options;
  const alphabetLimit = Math.min(options.alphabetLimit ?? 1000, Math.floor(vocabularySize / 2));
  const pieces = learnPieces({
    words: countWords(texts, lowercase),
    size: vocabularySize - specialTokens.length,
    minFrequency,
    alphabetLimit,
  });
  const vocab = Object.fromEntries([...specialTokens, ...pieces].map((token, id) => [token, id]));
  return `${JSON.stringify(tokenizerFile(vocab, lowercase), null, 1)}\n`;
}

function countWords(texts: Iterable<string>, lowercase: boolean): Map<string, number> {
  const normalize = createBertNormalizer({ lowercase });
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of bertWords(normalize(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function tokenizerFile(vocab: Readonly<Record<string, number>>, lowercase: boolean) {
  const special = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
  const sequence = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const single = [special('[CLS]', 0), sequence('A', 0), special('[SEP]', 0)];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single,
      pair: [...single, sequence('B', 1), special('[SEP]', 1)],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((token) => [token, { id: token, ids: [vocab[token]], tokens: [token] }])),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab },
  };
}
