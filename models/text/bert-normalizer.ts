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
  const inFull = (text: string): string => {
    let result = wellFormed(text);
    if (clean_text) result = mapCharacters(result, cleanCharacter);
    if (handle_chinese_chars) result = mapCharacters(result, (character, code) => (isIdeograph(code) ? ` ${character} ` : character));
    if (stripAccents) result = mapCharacters(decompose(result), (character, code) => (isMark(code) ? '' : character));
    // One character at a time: a whole string would be lower-cased by context (the Greek final sigma).
    if (lowercase) result = mapCharacters(result, (character) => character.toLowerCase());
    return result;
  };
  return (text) => {
    const apart = handle_chinese_chars ? text.replace(commonIdeograph, ' $& ') : text;
    const result = apart.replace(unusual, inFull);
    return lowercase ? result.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : result;
  };
}

/** Nothing is done to the others but setting them apart or lower-casing, and nothing reaches across them: no mark, no part of a character. */
const unusual = /[^ -~\u4e00-\u9fff]+/g;
const commonIdeograph = /[\u4e00-\u9fff]/g;

/** Words between spaces; each punctuation character is a word of its own. */
export function bertWords(text: string): string[] {
  const words: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!;
    const next = at + (code > 0xffff ? 2 : 1);
    const space = isSpace(code);
    if (space || isPunctuation(code)) {
      if (at > start) words.push(text.slice(start, at));
      if (!space) words.push(text.slice(at, next));
      start = next;
    }
    at = next;
  }
  if (start < text.length) words.push(text.slice(start));
  return words;
}

/** Each lone surrogate becomes U+FFFD, as it does on the way into a native library. */
export function wellFormed(text: string): string {
  return text.toWellFormed();
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
