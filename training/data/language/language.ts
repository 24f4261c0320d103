/** @file The languages whose words and names can be found, and which of them a text is in. */

export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** By letters alone: Han, or Latin. So German counts as English here.
 *  @returns `undefined` where most letters are of neither script */
export function detectLanguage(texts: readonly string[], limit = 1000): Language | undefined {
  const sample = texts.slice(0, limit).join('\n');
  const count = (pattern: RegExp) => sample.match(pattern)?.length ?? 0;
  const han = count(/\p{Script=Han}/gu);
  const latin = count(/\p{Script=Latin}/gu);
  const letters = count(/\p{L}/gu);
  // A Chinese character says as much as two Latin letters or three; a Chinese post may hold an address or two.
  if (han * 2 >= latin && han * 3 > letters) return 'zh';
  return latin * 2 > letters ? 'en' : undefined;
}
