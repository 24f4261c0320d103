/** @file One spelling for what reads alike, so that a word is found however it was written. */

/**
 * Compatibility forms and cases become one (Unicode's NFKC; lower, upper and lower case again, which also unfolds ß and ẞ); what is not seen or only
 * decorates letters goes: format and control characters, halves of surrogate pairs, marks that no letter has taken up, the points of Arabic
 * and Hebrew, tatweel; runs of white space become one space. Linear; a text grows at most 18-fold, by U+FDFA.
 */
export function foldText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase().replace(/ {2,}/g, ' ');
  // Normalised again, as upper case takes some letters apart.
  const folded = text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
  return folded.replace(dropped, '').replaceAll('ς', 'σ').replace(/\s+/g, ' ');
}

const dropped = new RegExp(
  [
    String.raw`\p{Default_Ignorable_Code_Point}|\p{Surrogate}|(?!\s)\p{Control}`,
    String.raw`[\u0300-\u036f\u0488\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]`, // marks of Latin, Greek, Cyrillic
    String.raw`[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]`, // points of Hebrew
    String.raw`[\u0610-\u061a\u0640\u064b-\u065f\u0670]`, // of Arabic, and tatweel
  ].join('|'),
  'gu',
);
