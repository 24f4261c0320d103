/** @file Token ids to text, in Node, by the Rust tokenizers. */
import { Tokenizer as RustTokenizer } from 'tokenizers';
import { parseTokenizerFile } from './tokenizer-file.js';

/** Texts of token ids, special tokens left out. White space, and case where the vocabulary has none, are not as they were. */
export type Detokenizer = (sequences: readonly (readonly number[])[]) => Promise<readonly string[]>;

/** @param tokenizerJson the content of a tokenizer.json
 *  @throws UsageError `text/tokenizer` when it is not one */
export function createDetokenizer(tokenizerJson: string): Detokenizer {
  const rust = RustTokenizer.fromString(JSON.stringify(parseTokenizerFile(tokenizerJson).json));
  return async (sequences) => {
    const texts = await rust.decodeBatch(
      sequences.map((ids) => [...ids]),
      true,
    );
    return texts.map((text) => text.replace(beside, '').trim());
  };
}

/** A space that only parts what is written without one: Chinese and Japanese characters and their marks. */
const character = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}　-〿！-･]`;
const beside = new RegExp(`(?<=${character}) +| +(?=${character})`, 'gu');
