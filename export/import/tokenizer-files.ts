/** @file A tokenizer.json out of the files that came before it: vocab.txt of BERT, vocab.json and merges.txt of GPT-2 and RoBERTa. */
import { UsageError } from '../../models/index.js';

type Json = Readonly<Record<string, unknown>>;

export type WordPieceOptions = { readonly lowercase: boolean; readonly stripAccents: boolean | null; readonly chinese: boolean };

/** @param vocabulary the lines of vocab.txt; a piece's id is its line
 *  @throws UsageError `text/tokenizer` where a special token is missing */
export function wordPieceFile(vocabulary: string, { lowercase, stripAccents, chinese }: WordPieceOptions): string {
  const vocab = Object.fromEntries(linesOf(vocabulary).map((piece, id) => [piece, id]));
  const special = ids(vocab, 'vocab.txt', ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);
  return file({
    added_tokens: Object.entries(special).map(([content, id]) => addedToken(content, id)),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: chinese,
      strip_accents: stripAccents,
      lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', special['[SEP]']], cls: ['[CLS]', special['[CLS]']] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab },
  });
}

/** @param merges the lines of merges.txt, a comment first
 *  @throws UsageError `text/tokenizer` where a special token is missing */
export function byteLevelFile(vocab: Readonly<Record<string, number>>, merges: string, { addPrefixSpace = false } = {}): string {
  const special = ids(vocab, 'vocab.json', ['<s>', '<pad>', '</s>', '<unk>', '<mask>']);
  return file({
    // As RoBERTa's own: the mask takes the space before it.
    added_tokens: Object.entries(special).map(([content, id]) => addedToken(content, id, { lstrip: content === '<mask>' })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: addPrefixSpace, trim_offsets: true, use_regex: true },
    post_processor: {
      type: 'RobertaProcessing',
      sep: ['</s>', special['</s>']],
      cls: ['<s>', special['<s>']],
      trim_offsets: true,
      add_prefix_space: addPrefixSpace,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges: linesOf(merges).filter((line) => line !== '' && !line.startsWith('#version')),
    },
  });
}

const file = (content: Json): string => `${JSON.stringify({ version: '1.0', truncation: null, padding: null, ...content })}\n`;

const addedToken = (content: string, id: number, { lstrip = false } = {}): Json => ({
  id,
  content,
  single_word: false,
  lstrip,
  rstrip: false,
  normalized: false,
  special: true,
});

const linesOf = (text: string): readonly string[] => text.replace(/\r?\n$/, '').split(/\r?\n/);

function ids(vocab: Readonly<Record<string, number>>, where: string, tokens: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    tokens.map((token) => {
      const id = vocab[token];
      if (id !== undefined) return [token, id] as const;
      const fix = 'save the tokenizer as tokenizer.json: AutoTokenizer.from_pretrained(folder).save_pretrained(folder).';
      throw new UsageError('text/tokenizer', `${where}: there is no ${token}, which this kind of tokenizer needs`, fix);
    }),
  );
}
