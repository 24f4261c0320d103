/** @file Text to token ids in Node, by the Rust tokenizers, in their own threads. */
import { Tokenizer as RustTokenizer } from 'tokenizers';
import { UsageError } from '../errors.js';
import { wellFormed } from './bert-normalizer.js';
import { assemble } from './template.js';
import type { TextInput, Tokenizer } from './tokenizer.js';
import { parseTokenizerFile } from './tokenizer-file.js';

export { createDetokenizer, type Detokenizer } from './detokenizer.js';

/** @param tokenizerJson the content of a tokenizer.json
 *  @throws UsageError `text/tokenizer` when it is not one */
export function createTokenizer(tokenizerJson: string): Tokenizer {
  const { json, template, padId, vocabularySize } = parseTokenizerFile(tokenizerJson);
  const rust = load(JSON.stringify(json));
  return {
    vocabularySize,
    padId,
    async encode(inputs, maxTokens) {
      if (inputs.length === 0) return [];
      // Texts and pairs alike go in as sequences of their own, so that cutting and special tokens are done in one place.
      const sequences = inputs.flatMap(sequencesOf).map(wellFormed);
      const encoded = await rust.encodeBatch(sequences, { addSpecialTokens: false });
      let next = 0;
      return inputs.map((input) => {
        const text = encoded[next++]!.getIds();
        const pair = typeof input === 'string' ? undefined : encoded[next++]!.getIds();
        return assemble(template, text, pair, maxTokens);
      });
    },
  };
}

function sequencesOf(input: TextInput): readonly string[] {
  return typeof input === 'string' ? [input] : input;
}

function load(tokenizerJson: string): RustTokenizer {
  try {
    return RustTokenizer.fromString(tokenizerJson);
  } catch (error) {
    throw new UsageError(
      'text/tokenizer',
      `tokenizer.json: ${error instanceof Error ? error.message : String(error)}`,
      'give the tokenizer.json of a fast Hugging Face tokenizer (tokenizers 0.23 or older).',
    );
  }
}
