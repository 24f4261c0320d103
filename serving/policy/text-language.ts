/** @file For which languages' word lists a text is one. */

/** The language alone of a tag of BCP 47, in lower case: `en` of `en-GB`; `undefined` where it names none. */
export function primaryLanguage(tag: string): string | undefined {
  try {
    const { language } = new Intl.Locale(tag);
    return language === 'und' ? undefined : language;
  } catch {
    return undefined;
  }
}

/**
 * Whether a text may be in `language`, as far as its letters tell: whether at least a quarter of them are in the script of that language, or it
 * has none. So English and German are one, and Chinese and Japanese where there is no kana; a slur of one script in a text of another is not
 * looked for. Who knows the language says so.
 *
 * @param text folded: letters of styled alphabets belong to no script before
 */
export function mayBeIn(text: string, language: string): boolean {
  const letters = count(text, /\p{L}/gu);
  const own = ownLetters(language);
  return letters === 0 || own === undefined || 4 * count(text, own) >= letters;
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** By language; few are ever named. */
const known = new Map<string, RegExp | undefined>();

/** The letters of the script that a language is written in, or `undefined` where nobody knows it. */
function ownLetters(language: string): RegExp | undefined {
  if (!known.has(language)) known.set(language, lettersOf(new Intl.Locale(language).maximize().script));
  return known.get(language);
}

function lettersOf(script: string | undefined): RegExp | undefined {
  if (script === undefined) return undefined;
  const parts = severalScripts[script] ?? [script];
  try {
    return new RegExp(`[${parts.map((part) => `\\p{Script=${part}}`).join('')}]`, 'gu');
  } catch {
    return undefined; // a code of ISO 15924 that Unicode has no letters for
  }
}

/** Codes of ISO 15924 that stand for several scripts, or for a variety of one. */
const severalScripts: Readonly<Record<string, readonly string[]>> = {
  Hans: ['Hani'],
  Hant: ['Hani'],
  Jpan: ['Hira', 'Kana', 'Hani'],
  Kore: ['Hang', 'Hani'],
};
