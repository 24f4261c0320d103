/** @file Of a text that is far longer than a model reads, only the beginning is tokenised: with the result that the whole would have had. */
import type { Encoding, TextInput, Tokenizer } from '../../models/index.js';

/** Where a text may be cut so that the tokens before the cut are those that the whole text has there. */
export type Cuts = {
  /** Before which characters. */
  readonly before: RegExp;
};

/** English has four or five to a token, Chinese about one. */
const charactersPerToken = 8;

/**
 * Known of BERT's tokenizers alone: they look at each word by itself, and a space (and, where they part Chinese characters, each of
 * those) ends a word. `undefined` for all others, and where an added token has a space or such a character inside.
 */
export function cutsOf(tokenizerJson: string): Cuts | undefined {
  const { normalizer, pre_tokenizer: words, model, added_tokens: added = [] } = JSON.parse(tokenizerJson) as TokenizerParts;
  const known = normalizer?.type === 'BertNormalizer' && words?.type === 'BertPreTokenizer' && model?.type === 'WordPiece';
  if (!known || normalizer.clean_text === false) return undefined;
  const before = normalizer.handle_chinese_chars === false ? / / : /[ \u4e00-\u9fff]/;
  const across = added.some(({ content }) => /\s/.test(content) || before.test(content.normalize('NFD')));
  return across ? undefined : { before };
}

type TokenizerParts = {
  readonly normalizer?: { readonly type: string; readonly clean_text?: boolean; readonly handle_chinese_chars?: boolean } | null;
  readonly pre_tokenizer?: { readonly type: string } | null;
  readonly model?: { readonly type?: string };
  readonly added_tokens?: readonly { readonly content: string }[];
};

/**
 * A beginning that has more tokens than are read gives what the whole text gives: the same tokens, and that it was cut. One that has not
 * is no answer, and the whole text is tokenised. Pairs are, always: which of two is cut depends on the length of both.
 */
export async function encodeBeginnings(
  encode: Tokenizer['encode'],
  cuts: Cuts,
  inputs: readonly TextInput[],
  maxTokens: number,
): Promise<readonly Encoding[]> {
  const beginnings = inputs.map((input) => (typeof input === 'string' ? beginningOf(input, charactersPerToken * maxTokens, cuts) : input));
  const encodings = [...(await encode(beginnings, maxTokens))];
  const short = inputs.flatMap((input, i) => (beginnings[i] !== input && !encodings[i]!.truncated ? [i] : []));
  if (short.length === 0) return encodings;
  const whole = await encode(short.map((i) => inputs[i]!), maxTokens); // biome-ignore format: short
  for (const [at, i] of short.entries()) encodings[i] = whole[at]!;
  return encodings;
}

/** Up to the first place from `characters` on where it may be cut; the whole where that is no shorter. */
function beginningOf(text: string, characters: number, { before }: Cuts): string {
  if (text.length <= 2 * characters) return text;
  const at = text.slice(characters, 2 * characters).search(before);
  return at < 0 ? text : text.slice(0, characters + at);
}
