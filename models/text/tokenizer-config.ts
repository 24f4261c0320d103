/** @file The two small files that stand beside tokenizer.json in a Hugging Face model folder. */
import { parseTokenizerFile } from './tokenizer-file.js';

export type TokenizerConfig = {
  /** Content of tokenizer_config.json. */
  readonly tokenizerConfig: Readonly<Record<string, unknown>>;
  /** Content of special_tokens_map.json. */
  readonly specialTokensMap: Readonly<Record<string, string>>;
};

const names = {
  unk_token: ['[UNK]', '<unk>'],
  sep_token: ['[SEP]', '</s>', '<sep>'],
  pad_token: ['[PAD]', '<pad>'],
  cls_token: ['[CLS]', '<s>', '<cls>'],
  mask_token: ['[MASK]', '<mask>'],
} as const;

/** @param tokenizerJson the content of the tokenizer.json that they belong to
 *  @param maxTokens the longest input of the model, special tokens included */
export function tokenizerConfig(tokenizerJson: string, maxTokens: number): TokenizerConfig {
  const { json } = parseTokenizerFile(tokenizerJson);
  const contents = new Set(json.added_tokens.filter(({ special }) => special).map(({ content }) => content));
  const specialTokensMap: Record<string, string> = {};
  for (const [name, candidates] of Object.entries(names)) {
    const token = candidates.find((candidate) => contents.has(candidate));
    if (token) specialTokensMap[name] = token;
  }
  const bert = json.normalizer?.type === 'BertNormalizer' ? json.normalizer : null;
  return {
    specialTokensMap,
    tokenizerConfig: {
      ...(bert
        ? {
            tokenizer_class: 'BertTokenizer',
            do_lower_case: bert.lowercase ?? true,
            strip_accents: bert.strip_accents ?? null,
            tokenize_chinese_chars: bert.handle_chinese_chars ?? true,
          }
        : { tokenizer_class: 'PreTrainedTokenizerFast' }),
      ...specialTokensMap,
      model_max_length: maxTokens,
      clean_up_tokenization_spaces: true,
    },
  };
}
