import type { Place } from './split-words.js';

/**
 * The text without one span of it. The neighbours stay apart if they were, and words that only the span kept apart get a space, but
 * for scripts that have none.
 */
export function withoutSpan(text: string, { start, end }: Place): string {
  const before = text.slice(0, start);
  const after = text.slice(end);
  const [left = '', right = ''] = [[...before.slice(-2)].at(-1), [...after.slice(0, 2)][0]];
  if (left === '' || right === '') return before + after;
  if (/\s/.test(left)) return before + (right === ' ' ? after.slice(1) : after);
  if (/\s/.test(right) || unspaced.test(left) || unspaced.test(right)) return before + after;
  return `${before} ${after}`;
}

/** Letters of scripts whose words follow one another without a space. */
const unspaced = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;
