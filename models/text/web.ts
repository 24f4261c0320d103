/** @file Text to token ids in the browser (and anywhere else without native code), with the ids that `node.ts` gives. */
import { Tokenizer as JsTokenizer } from '@huggingface/tokenizers';
import { UsageError } from '../errors.js';
import { splitAddedTokens } from './added-tokens.js';
import { bertWords, createBertNormalizer, wellFormed } from './bert-normalizer.js';
import { assemble } from './template.js';
import type { Tokenizer } from './tokenizer.js';
import { parseTokenizerFile, type TokenizerFile } from './tokenizer-file.js';

/** @param tokenizerJson the content of a tokenizer.json
 *  @throws UsageError `text/tokenizer` when it is not one */
export function createTokenizer(tokenizerJson: string): Tokenizer {
  const file = parseTokenizerFile(tokenizerJson);
  const sequence = sequenceEncoder(file);
  return {
    vocabularySize: file.vocabularySize,
    padId: file.padId,
    async encode(inputs, maxTokens) {
      return inputs.map((input) => {
        const [text, pair] = typeof input === 'string' ? [input] : input;
        return assemble(file.template, sequence(text), pair === undefined ? undefined : sequence(pair), maxTokens);
      });
    },
  };
}

/** The library cuts words into pieces; cleaning, words and added tokens are ours where the library differs from its Rust sibling. */
function sequenceEncoder({ json }: TokenizerFile): (text: string) => number[] {
  const library = load(json);
  const { model } = library;
  const normalize = json.normalizer?.type === 'BertNormalizer' ? createBertNormalizer(json.normalizer) : callable(library.normalizer);
  const words = json.pre_tokenizer?.type === 'BertPreTokenizer' ? bertWords : wordsOf(library.pre_tokenizer);
  const raw = splitAddedTokens(json.added_tokens.filter(({ normalized }) => !normalized));
  const normalized = splitAddedTokens(
    json.added_tokens.filter((token) => token.normalized).map((token) => ({ ...token, content: normalize(token.content) })),
  );
  const idOf = (piece: string): number => model?.tokens_to_ids.get(piece) ?? model?.unk_token_id ?? 0;
  const idsOf = (of: readonly string[]): readonly number[] => (model ? model([...of]).map(idOf) : []);
  // Only there is a word cut without a look at its neighbours, and not kept by the library.
  const idsOfWord = json.model.type === 'WordPiece' ? remembering((word) => idsOf([word])) : undefined;
  return (text) => {
    const ids: number[] = [];
    const push = (more: readonly number[]): void => {
      for (const id of more) ids.push(id);
    };
    for (const part of raw(wellFormed(text))) {
      for (const inner of typeof part === 'number' ? [part] : normalized(normalize(part))) {
        if (typeof inner === 'number') ids.push(inner);
        else if (idsOfWord) for (const word of words(inner)) push(idsOfWord(word));
        else push(idsOf(words(inner)));
      }
    }
    return ids;
  };
}

/** Of so many words, none longer than this, the ids are kept: those of news come again and again. */
const keptWords = 16_384;
const keptLength = 32;

function remembering(idsOf: (word: string) => readonly number[]): (word: string) => readonly number[] {
  const kept = new Map<string, readonly number[]>();
  return (word) => {
    const known = kept.get(word);
    if (known) return known;
    const ids = idsOf(word);
    if (word.length <= keptLength) {
      if (kept.size >= keptWords) kept.clear();
      kept.set(word, ids);
    }
    return ids;
  };
}

function load(json: TokenizerFile['json']): JsTokenizer {
  try {
    return new JsTokenizer({ decoder: null, ...json }, {});
  } catch (error) {
    throw new UsageError(
      'text/tokenizer',
      `tokenizer.json: ${error instanceof Error ? error.message : String(error)}`,
      'use a tokenizer whose parts @huggingface/tokenizers knows, such as WordPiece with BertNormalizer and BertPreTokenizer.',
    );
  }
}

function callable(normalizer: JsTokenizer['normalizer']): (text: string) => string {
  return normalizer === null ? (text) => text : (text) => normalizer(text);
}

function wordsOf(preTokenizer: JsTokenizer['pre_tokenizer']): (text: string) => string[] {
  return preTokenizer === null ? (text) => [text] : (text) => preTokenizer(text);
}
