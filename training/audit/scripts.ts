/** @file Which script a text is written in, by Unicode's own table: certain where a guess at the language of a headline is not. */

const patterns = {
  Latin: /\p{Script=Latin}/gu,
  Han: /\p{Script=Han}/gu,
  Kana: /[\p{Script=Hiragana}\p{Script=Katakana}]/gu,
  Hangul: /\p{Script=Hangul}/gu,
  Cyrillic: /\p{Script=Cyrillic}/gu,
  Greek: /\p{Script=Greek}/gu,
  Arabic: /\p{Script=Arabic}/gu,
  Hebrew: /\p{Script=Hebrew}/gu,
  Devanagari: /\p{Script=Devanagari}/gu,
  Bengali: /\p{Script=Bengali}/gu,
  Tamil: /\p{Script=Tamil}/gu,
  Thai: /\p{Script=Thai}/gu,
} as const;

export type Script = keyof typeof patterns | 'other' | 'none';

/** The script of most letters; `none` without letters. */
export function scriptOf(text: string): Script {
  if (/^[\p{ASCII}\s]*$/u.test(text)) return /[a-z]/i.test(text) ? 'Latin' : 'none';
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return 'none';
  let best: Script = 'other';
  let most = 0;
  let known = 0;
  for (const [script, pattern] of Object.entries(patterns) as [keyof typeof patterns, RegExp][]) {
    const count = text.match(pattern)?.length ?? 0;
    known += count;
    if (count > most) [best, most] = [script, count];
  }
  return letters - known > most ? 'other' : best;
}
