/** @file The words of a text, as far as they can be told without a dictionary of ours. */

const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/u;
const spacedToken = /\p{L}[\p{L}\p{M}\p{N}'’_-]*|\p{N}+|[^\s\p{L}\p{N}]/gu;
const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });

/** Lower-cased words, numbers and single signs. Where no spaces are written, words are those of Unicode's segmenter (ICU's dictionary). */
export function tokensOf(text: string): string[] {
  const lower = text.normalize('NFKC').toLowerCase();
  if (!unspaced.test(lower)) return lower.match(spacedToken) ?? [];
  return Array.from(segmenter.segment(lower), ({ segment }) => segment).filter((segment) => segment.trim() !== '');
}

export const isWord = (token: string): boolean => /[\p{L}\p{N}]/u.test(token);
