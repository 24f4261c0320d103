/** @file Synonym replacement, random insertion, swap and deletion of words (Wei and Zou, 2019). */

import type { Thesaurus } from '../data/language/thesaurus.js';
import type { Segmenter, Token } from '../data/language/tokens.js';
import type { Random } from '../data/random.js';
import type { EdaConfig } from './augmentation-config.js';

/** What words are, and what may stand for them, in one language. */
export type Words = {
  readonly segment: Segmenter;
  readonly synonyms: Thesaurus;
  /** In lower case. */
  readonly stopWords: ReadonlySet<string>;
  /** What parts two words: a space, or nothing. */
  readonly between: string;
};

export type EdaOperation = 'replace' | 'insert' | 'swap' | 'delete';
type Operate = (tokens: readonly Token[], share: number, words: Words, random: Random) => readonly Token[];

export const edaOperations: { readonly [O in EdaOperation]: Operate } = { replace, insert, swap, delete: remove };

/** A text in other words, by the operations whose share is not 0. A text in which nothing can be done comes back as it is. */
export function eda(text: string, operation: EdaOperation, config: EdaConfig, words: Words, random: Random): string {
  const tokens = edaOperations[operation](words.segment(text), config[operation], words, random);
  return tokens
    .map((token) => token.text)
    .join('')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** One of the operations that are on; `undefined` where all are off. */
export function chooseOperation(config: EdaConfig, random: Random): EdaOperation | undefined {
  const on = (Object.keys(edaOperations) as EdaOperation[]).filter((operation) => config[operation] > 0);
  return on[random.below(on.length)];
}

const isWord = ({ kind }: Token): boolean => kind === 'word';
const hasLetter = /\p{L}/u;
const key = ({ text }: Token): string => text.toLowerCase();
const countFor = (tokens: readonly Token[], share: number): number => Math.max(1, Math.floor(share * tokens.filter(isWord).length));
const meaningful = (tokens: readonly Token[], { stopWords }: Words): readonly string[] =>
  [...new Set(tokens.filter(isWord).map(key))].filter((word) => !stopWords.has(word) && hasLetter.test(word));

/** Every place of a chosen word gets the same synonym; one of several words is cut into words again. */
function replace(tokens: readonly Token[], share: number, words: Words, random: Random): readonly Token[] {
  let left = countFor(tokens, share);
  let result = tokens;
  for (const word of random.shuffle(meaningful(tokens, words))) {
    const synonyms = words.synonyms(word);
    if (synonyms.length === 0) continue;
    const synonym = synonyms[random.below(synonyms.length)]!;
    result = result.flatMap((token) => (isWord(token) && key(token) === word ? words.segment(inCaseOf(token.text, synonym)) : [token]));
    left -= 1;
    if (left === 0) break;
  }
  return result;
}

/** A synonym of one of the text's words after any other, as often as the share says. */
function insert(tokens: readonly Token[], share: number, words: Words, random: Random): readonly Token[] {
  const candidates = meaningful(tokens, words).filter((word) => words.synonyms(word).length > 0);
  if (candidates.length === 0) return tokens;
  let result = tokens;
  for (let left = countFor(tokens, share); left > 0; left--) {
    const synonyms = words.synonyms(candidates[random.below(candidates.length)]!);
    const added = words.segment(synonyms[random.below(synonyms.length)]!);
    const places = result.flatMap((token, at) => (isWord(token) ? [at] : []));
    const at = places[random.below(places.length)]!;
    const gap: readonly Token[] = words.between === '' ? [] : [{ text: words.between, kind: 'space' }];
    result = [...result.slice(0, at + 1), ...gap, ...added, ...result.slice(at + 1)];
  }
  return result;
}

/** Two words change places, as often as the share says. Marks and spaces stay. */
function swap(tokens: readonly Token[], share: number, _words: Words, random: Random): readonly Token[] {
  const places = tokens.flatMap((token, at) => (isWord(token) ? [at] : []));
  if (places.length < 2) return tokens;
  const result = [...tokens];
  for (let left = countFor(tokens, share); left > 0; left--) {
    const first = random.below(places.length);
    const second = (first + 1 + random.below(places.length - 1)) % places.length;
    const [a, b] = [places[first]!, places[second]!];
    [result[a], result[b]] = [result[b]!, result[a]!];
  }
  return result;
}

/** Each word goes with the probability of the share. One always stays. */
function remove(tokens: readonly Token[], share: number, _words: Words, random: Random): readonly Token[] {
  const places = tokens.flatMap((token, at) => (isWord(token) ? [at] : []));
  const gone = new Set(places.filter(() => random.next() < share));
  if (gone.size === places.length && places.length > 0) gone.delete(places[random.below(places.length)]!);
  return tokens.filter((_, at) => !gone.has(at));
}

/** A synonym written as the word was: with a capital letter, or in capitals. */
function inCaseOf(word: string, synonym: string): string {
  if (word.length > 1 && word === word.toUpperCase() && word !== word.toLowerCase()) return synonym.toUpperCase();
  const first = word[0]!;
  return first === first.toUpperCase() && first !== first.toLowerCase() ? synonym[0]!.toUpperCase() + synonym.slice(1) : synonym;
}
