/** @file The tokenizer of the server: short texts where they are, long ones in threads. */
import type { Tokenizer } from '../../models/index.js';
import { createTokenizer as createThreadedTokenizer } from '../../models/text/node.js';
import { createTokenizer as createInlineTokenizer } from '../../models/text/web.js';
import { cutsOf, encodeBeginnings } from './tokenize-beginning.js';

/**
 * Both give the same ids. Handing a headline to another thread costs some ten times what tokenising it here does, and more when the
 * cores are busy (100 µs there; here 9 µs for 51 tokens whose words are known); a long text would hold up every other request here. Of a text far longer than
 * the model reads only the beginning is tokenised, where that gives the same: 50,000 characters cost 3 to 7 ms in place of 76 to 360.
 *
 * @param inlineCharacters requests of at most this many characters are tokenised in the calling thread; 2,000 take under a millisecond
 */
export function createServerTokenizer(tokenizerJson: string, inlineCharacters = 2_000): Tokenizer {
  const inline = createInlineTokenizer(tokenizerJson);
  const threaded = createThreadedTokenizer(tokenizerJson);
  const cuts = cutsOf(tokenizerJson);
  const encode: Tokenizer['encode'] = (inputs, maxTokens) => {
    const characters = inputs.reduce(
      (sum, input) => sum + (typeof input === 'string' ? input.length : input[0].length + input[1].length),
      0,
    );
    return (characters <= inlineCharacters ? inline : threaded).encode(inputs, maxTokens);
  };
  return {
    vocabularySize: threaded.vocabularySize,
    padId: threaded.padId,
    encode: cuts ? (inputs, maxTokens) => encodeBeginnings(encode, cuts, inputs, maxTokens) : encode,
  };
}
