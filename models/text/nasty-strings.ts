/** @file Strings that tell tokenizers apart, from a seed. For the tests of this folder. */

const fragments = [
  ...['[CLS]', '[SEP]', '[MASK]', '[PAD]', '[UNK]', '[cls]', '[C\u00adLS]', '[MASK', 'MASK]', '##ing', '#', '##'],
  ...['ΟΔΥΣΣΕΥΣ', 'Σ', 'İstanbul', 'I\u0307', 'straße', 'ẞ', 'ﬁ', 'Å', 'A\u030a', '\u212b', 'ǅ', 'ŉ', 'ΐ', 'é', 'e\u0301', 'ё', 'й'],
  ...['\0', '\x07', '\x7f', '\x85', '\xa0', '\xad', '\t', '\r\n', '\v', '\f', '\u1680', '\u180e', '\u2028', '\u3000', '\ufeff', '\ufffd'],
  ...['\ud800', '\udc00', '\udfff\ud800', '\u200b', '\u200d', '\u202e', '\u2060', '\ufe0f', '\u{e0041}', '\u{110bd}'],
  ...[
    '中文',
    '市议会',
    '\u3400',
    '\uf900',
    '\u{20000}',
    '\u{2b820}',
    'ひらがな',
    'カタカナ',
    'ガ',
    'カ\u3099',
    '한국어',
    '\u1112\u1161\u11ab',
  ],
  ...['👩‍👩‍👧', '😀', '🇫🇷', '👍🏽', '𝒜𝓑', '…', '—', '“q”', '‘', '¿', '«', '、', '。', '$', '€', '+', '<', '|', '^', '~', '`'],
  ...['हिन्दी', 'العَرَبِيَّة', 'עִבְרִית', 'ไทย', 'தமிழ்', '\u0f73', '\u0340', '\u0344', '\u1d165', '\u{1e947}', '\u{11938}', '\u{105c9}'],
  ...[
    'word',
    'Word',
    'council',
    'budget',
    'unaffordable',
    "won't",
    'BELIEVE',
    '2026',
    '3.50',
    'https://example.org/?a=b',
    '@someone',
    ' ',
    '  ',
  ],
];

/** Never the same twice running, always the same for a seed. */
export function nastyStrings(count: number, seed: number): string[] {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const codePoint = (): string => {
    const range = [0x80, 0x250, 0x3000, 0x10000, 0x20000, 0x110000][below(6)]!;
    return String.fromCodePoint(below(range));
  };
  return Array.from({ length: count }, () => {
    if (below(100) === 0) return 'a'.repeat(90 + below(20)) + codePoint();
    let text = '';
    for (let parts = below(14); parts > 0; parts--)
      text += below(3) === 0 ? codePoint() : fragments[below(fragments.length)]! + ' '.repeat(below(2));
    return text;
  });
}
