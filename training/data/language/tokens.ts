/** @file A text as words and what stands between them. Joined again they are the text. */

import { loadJieba } from './jieba.js';
import type { Language } from './language.js';

export type Token = {
  readonly text: string;
  /** `mark`: punctuation, an emoji. */
  readonly kind: 'word' | 'mark' | 'space';
};

export type Segmenter = (text: string) => readonly Token[];

const segmenters: { readonly [L in Language]: () => Promise<Segmenter> } = {
  en: async () => (text) => [...text.matchAll(spaced)].map(([match]) => token(match)),
  zh: async () => {
    const jieba = await loadJieba();
    return (text) => mended(text, jieba.cut(text, true)).flatMap((piece) => [...piece.matchAll(pieces)].map(([match]) => token(match)));
  },
};

/** What cuts texts of a language. English is cut at white space and punctuation; addresses, @names and #tags are one word. Chinese is cut by
 *  jieba, which is loaded here. */
export const createSegmenter = (language: Language): Promise<Segmenter> => segmenters[language]();

const address = String.raw`https?:\/\/\S+`;
const word = String.raw`[@#]?[\p{L}\p{N}\p{M}_]+(?:['’.-][\p{L}\p{N}\p{M}_]+)*`;
const spaced = new RegExp(`${address}|${word}|\\s+|[^\\s]`, 'gu');
/** Jieba keeps a run of white space, or a word, in one piece, but may also give several marks at once. */
const pieces = /\s+|[\p{L}\p{N}\p{M}_][^\s]*|[^\s]/gu;

function token(text: string): Token {
  return { text, kind: /^\s/.test(text) ? 'space' : /[\p{L}\p{N}]/u.test(text) ? 'word' : 'mark' };
}

/** Lone surrogates come back from the addon as other characters; such a text is left in one piece. */
const mended = (text: string, cut: readonly string[]): readonly string[] => (cut.join('') === text ? cut : [text]);
