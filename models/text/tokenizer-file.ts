/** @file What we need to know of a tokenizer.json, read alike by Node and browser. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { type Template, templateOf } from './template.js';

export type AddedToken = z.infer<typeof addedTokenSchema>;

export type TokenizerFile = {
  /** The file as an object, its own truncation and padding taken out: both are ours to do. */
  readonly json: Readonly<Record<string, unknown>> & z.infer<typeof fileSchema>;
  readonly template: Template;
  readonly padId: number;
  /** One more than the largest id. */
  readonly vocabularySize: number;
};

const addedTokenSchema = z.looseObject({
  id: z.number().int().nonnegative(),
  content: z.string().min(1),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().default(true),
  special: z.boolean().default(false),
});

const normalizerSchema = z.looseObject({
  type: z.string(),
  // Of type BertNormalizer.
  clean_text: z.boolean().optional(),
  handle_chinese_chars: z.boolean().optional(),
  strip_accents: z.boolean().nullish(),
  lowercase: z.boolean().optional(),
});

const fileSchema = z.looseObject({
  added_tokens: z.array(addedTokenSchema).default([]),
  normalizer: normalizerSchema.nullable().default(null),
  pre_tokenizer: z.looseObject({ type: z.string() }).nullable().default(null),
  post_processor: z.looseObject({ type: z.string() }).nullable().default(null),
  padding: z.looseObject({ pad_id: z.number().int().nonnegative() }).nullish(),
  // Words to ids, or (Unigram) a list of [word, score].
  model: z.looseObject({ vocab: z.union([z.record(z.string(), z.number()), z.array(z.tuple([z.string(), z.number()]))]) }),
});

/** @throws UsageError `text/tokenizer` when the text is not a tokenizer.json of the Hugging Face tokenizers */
export function parseTokenizerFile(tokenizerJson: string): TokenizerFile {
  const parsed = fileSchema.safeParse(parseJson(tokenizerJson));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(
      'text/tokenizer',
      `tokenizer.json: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not a tokenizer'}`,
      'give the tokenizer.json of a fast Hugging Face tokenizer, with a model and its vocab.',
    );
  }
  const { padding, ...rest } = parsed.data;
  const vocab = rest.model.vocab;
  const ids = rest.added_tokens.map(({ id }) => id);
  const largest = Math.max(-1, ...ids, Array.isArray(vocab) ? vocab.length - 1 : largestOf(Object.values(vocab)));
  const pad = rest.added_tokens.find(({ content }) => content === '[PAD]' || content === '<pad>');
  return {
    json: { ...rest, truncation: null, padding: null },
    template: templateOf(rest.post_processor),
    padId: padding?.pad_id ?? pad?.id ?? 0,
    vocabularySize: largest + 1,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      'text/tokenizer',
      `tokenizer.json: not JSON: ${error instanceof Error ? error.message : String(error)}`,
      'give the whole tokenizer.json file; an interrupted download ends early.',
    );
  }
}

function largestOf(values: readonly number[]): number {
  let largest = -1;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}
