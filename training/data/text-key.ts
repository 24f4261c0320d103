/** @file When two examples are the same text. */

type Text = { readonly text: string; readonly pair?: string };

/** White space and Unicode form do not count, case does. */
export function textKey({ text, pair }: Text): string {
  return pair === undefined ? plain(text) : `${plain(text)}\n${plain(pair)}`;
}

/** The same for a pair in either order. */
export function unorderedKey({ text, pair }: Text): string {
  return pair === undefined ? plain(text) : [plain(text), plain(pair)].sort().join('\n');
}

/** The pair the other way round. */
export const swapped = <T extends Text>(example: T): T =>
  example.pair === undefined ? example : { ...example, text: example.pair, pair: example.text };

const plain = (value: string): string => value.normalize('NFC').replace(/\s+/gu, ' ').trim();
