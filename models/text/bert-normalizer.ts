/** @file BERT's cleaning of text and cutting into words, character for character as the Rust tokenizers do it. */
import { isDropped, isIdeograph, isLaterThanNfd, isMark, isPunctuation, isSpace } from './unicode-tables.js';

/** As in the `normalizer` of a tokenizer.json, type `BertNormalizer`. */
export type BertNormalizerConfig = {
  readonly clean_text?: boolean | undefined;
  readonly handle_chinese_chars?: boolean | undefined;
  /** `null`: as `lowercase`. */
  readonly strip_accents?: boolean | null | undefined;
  readonly lowercase?: boolean | undefined;
};

/** The steps in the order of the Rust library: clean, set ideographs apart, strip accents, lower-case. */
export function createBertNormalizer(config: BertNormalizerConfig): (text: string) => string {
  const { clean_text = true, handle_chinese_chars = true, lowercase = true } = config;
  const stripAccents = config.strip_accents ?? lowercase;
  return (text) => {
    let result = wellFormed(text);
    if (clean_text) result = mapCharacters(result, cleanCharacter);
    if (handle_chinese_chars) result = mapCharacters(result, (character, code) => (isIdeograph(code) ? ` ${character} ` : character));
    if (stripAccents) result = mapCharacters(decompose(result), (character, code) => (isMark(code) ? '' : character));
    // One character at a time: a whole string would be lower-cased by context (the Greek final sigma).
    if (lowercase) result = mapCharacters(result, (character) => character.toLowerCase());
    return result;
  };
}

/** Words between spaces; each punctuation character is a word of its own. */
export function bertWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  const close = () => {
    if (word) words.push(word);
    word = '';
  };
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (isSpace(code)) close();
    else if (isPunctuation(code)) {
      close();
      words.push(character);
    } else word += character;
  }
  close();
  return words;
}

/** Each lone surrogate becomes U+FFFD, as it does on the way into a native library. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function cleanCharacter(character: string, code: number): string {
  if (isDropped(code)) return '';
  return isSpace(code) ? ' ' : character;
}

/** Canonical decomposition. Characters that the Rust library's tables do not know stay as they are, and nothing is reordered across them. */
function decompose(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  let result = '';
  let known = '';
  for (const character of text) {
    if (isLaterThanNfd(character.codePointAt(0)!)) {
      result += known.normalize('NFD') + character;
      known = '';
    } else known += character;
  }
  return result + known.normalize('NFD');
}

function mapCharacters(text: string, map: (character: string, codePoint: number) => string): string {
  let result = '';
  for (const character of text) result += map(character, character.codePointAt(0)!);
  return result;
}
