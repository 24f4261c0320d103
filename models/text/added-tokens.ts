/** @file Finding the tokens that a tokenizer takes whole, such as a literal [MASK] in the text. */
import { UsageError } from '../errors.js';
import type { AddedToken } from './tokenizer-file.js';

/** A function that cuts a text at these tokens: ids where one stood, strings between them; empty strings are left out.
 *  Leftmost match first, the longest of those that start together.
 *  @throws UsageError `text/tokenizer` for a token that must stand as a single word */
export function splitAddedTokens(tokens: readonly AddedToken[]): (text: string) => readonly (string | number)[] {
  const single = tokens.find(({ single_word }) => single_word);
  if (single) {
    throw new UsageError(
      'text/tokenizer',
      `tokenizer.json: added token ${JSON.stringify(single.content)} has single_word, which the browser's tokenizer does not know`,
      'save the tokenizer with single_word false for this token.',
    );
  }
  if (tokens.length === 0) return (text) => (text ? [text] : []);
  const longestFirst = [...tokens].sort((a, b) => b.content.length - a.content.length);
  const pattern = new RegExp(
    longestFirst.map(({ content, lstrip, rstrip }) => `${lstrip ? '\\s*' : ''}(${escapeRegExp(content)})${rstrip ? '\\s*' : ''}`).join('|'),
    'gu',
  );
  return (text) => {
    const parts: (string | number)[] = [];
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      if (match.index > end) parts.push(text.slice(end, match.index));
      const which = match.slice(1).findIndex((group) => group !== undefined);
      parts.push(longestFirst[which]!.id);
      end = match.index + match[0].length;
    }
    if (end < text.length) parts.push(text.slice(end));
    return parts;
  };
}

function escapeRegExp(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
