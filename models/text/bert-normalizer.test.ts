/** @file The Rust tokenizers are asked about every code point that a character has or may be given. */
import { bertNormalizer, bertPreTokenizer } from 'tokenizers';
import { expect, test } from 'vitest';
import { bertWords, createBertNormalizer } from './bert-normalizer.js';
import { nastyStrings } from './nasty-strings.js';

const configs = [
  { clean_text: true, handle_chinese_chars: true, strip_accents: true, lowercase: true },
  { clean_text: true, handle_chinese_chars: true, strip_accents: false, lowercase: false },
  { clean_text: false, handle_chinese_chars: false, strip_accents: true, lowercase: false },
];

test.each(configs)('every code point is normalised as by the Rust library: %o', (config) => {
  const ours = createBertNormalizer(config);
  const theirs = rustNormalizer(config);
  const different: string[] = [];
  for (const character of everyCharacter()) {
    const text = `a\u0301${character}\u0334b`;
    if (ours(text) !== theirs.normalizeString(text)) different.push(character.codePointAt(0)!.toString(16));
  }
  expect(different).toEqual([]);
});

test('every code point separates words, or not, as by the Rust library', () => {
  const rust = bertPreTokenizer();
  const different: string[] = [];
  for (const character of everyCharacter()) {
    const text = `a${character}b`;
    const theirs = rust.preTokenizeString(text).map(([word]) => word);
    if (bertWords(text).join('\0') !== theirs.join('\0')) different.push(character.codePointAt(0)!.toString(16));
  }
  expect(different).toEqual([]);
});

test.each(configs)('nasty strings are normalised as by the Rust library: %o', (config) => {
  const ours = createBertNormalizer(config);
  const theirs = rustNormalizer(config);
  for (const text of nastyStrings(4000, 7)) expect(ours(text), JSON.stringify(text)).toBe(theirs.normalizeString(text));
});

test('accents follow lowercase unless they are set', () => {
  expect(createBertNormalizer({ lowercase: true })('Café')).toBe('cafe');
  expect(createBertNormalizer({ lowercase: false })('Café')).toBe('Café');
  expect(createBertNormalizer({ lowercase: true, strip_accents: false })('Café')).toBe('café');
});

function rustNormalizer(config: (typeof configs)[number]) {
  return bertNormalizer({
    cleanText: config.clean_text,
    handleChineseChars: config.handle_chinese_chars,
    stripAccents: config.strip_accents,
    lowercase: config.lowercase,
  });
}

/** Of planes 4 to 13, in which Unicode has assigned nothing, the first and last few. */
function* everyCharacter(): Generator<string> {
  for (let code = 0; code < 0x110000; code++) {
    if (code === 0x40100) code = 0xdff00;
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
  }
}
