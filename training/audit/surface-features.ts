/** @file What can be seen of a text without reading it. A feature is a number a text; a yes or no is 1 or 0. */
import { type AuditRecord, wholeText } from './records.js';
import { scriptOf } from './scripts.js';
import { jaccard, shinglesOf } from './shingles.js';
import { hasMarkup, isDamaged } from './text-shape.js';
import { isWord, tokensOf } from './words.js';

export type Feature = {
  readonly name: string;
  /** How a number of it is said: `share`, `count`, or `flag` for a yes or no. */
  readonly unit: 'share' | 'count' | 'flag' | 'time';
  readonly of: (record: AuditRecord) => number;
};

const flag = (name: string, test: (text: string) => boolean): Feature => ({
  name,
  unit: 'flag',
  of: (record) => (test(wholeText(record)) ? 1 : 0),
});
const matches = (name: string, pattern: RegExp): Feature => flag(name, (text) => pattern.test(text));
const share = (name: string, part: RegExp, whole: RegExp): Feature => ({
  name,
  unit: 'share',
  of: (record) => {
    const text = wholeText(record);
    return (text.match(part)?.length ?? 0) / (text.match(whole)?.length ?? 1);
  },
});
const count = (name: string, of: (record: AuditRecord) => number): Feature => ({ name, unit: 'count', of });

const always: readonly Feature[] = [
  count('characters', (record) => wholeText(record).length),
  count('words', (record) => tokensOf(wholeText(record)).filter(isWord).length),
  share('capital letters among letters', /\p{Lu}/gu, /\p{L}/gu),
  share('words that start with a capital', /(?<![\p{L}\p{N}'’])\p{Lu}/gu, /(?<![\p{L}\p{N}'’])\p{L}/gu),
  share('digits among characters', /\p{N}/gu, /[\s\S]/gu),
  share('punctuation among characters', /\p{P}/gu, /[\s\S]/gu),
  count('exclamation marks', (record) => wholeText(record).match(/[!！]/gu)?.length ?? 0),
  matches('starts with a digit', /^\s*\p{N}/u),
  matches('starts with a lower-case letter', /^\s*\p{Ll}/u),
  matches('ends with a full stop', /[.。]\s*$/u),
  matches('ends with an exclamation mark', /[!！]\s*$/u),
  matches('ends with a question mark', /[?？]\s*$/u),
  matches('ends with an ellipsis', /(?:…|\.\.\.|⋯)\s*$/u),
  matches('has a link', /https?:\/\/|\bwww\.|\bt\.co\//u),
  matches('has a handle', /(?<![\p{L}\p{N}])@[\p{L}\p{N}_]/u),
  matches('has a hashtag', /(?<![\p{L}\p{N}&])#[\p{L}\p{N}_]/u),
  matches('has an emoji', /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f/u),
  matches('has a digit', /\p{N}/u),
  matches('has double quotes', /["“”„«»「」『』]/u),
  matches('has brackets', /[()[\]（）【】〔〕]/u),
  matches('starts or ends with white space', /^\s|\s$/u),
  flag('has HTML entities or tags', hasMarkup),
  flag('has signs of a wrong encoding', isDamaged),
];

/** Those that can differ in these records: pairs and times bring their own. */
export function surfaceFeatures(records: readonly AuditRecord[], mainScript: string): readonly Feature[] {
  const some = (test: (record: AuditRecord) => boolean, feature: Feature): readonly Feature[] => (records.some(test) ? [feature] : []);
  return [
    ...always,
    flag(`is in another script than ${mainScript}`, (text) => ![mainScript, 'none'].includes(scriptOf(text))),
    ...some(({ pair }) => pair !== undefined, {
      name: 'likeness of the two texts',
      unit: 'share',
      of: ({ text, pair }) => (pair === undefined ? 0 : jaccard(shinglesOf(text), shinglesOf(pair))),
    }),
    ...some(({ pair }) => pair !== undefined, count('difference in length of the two texts', ({ text, pair }) => Math.abs(text.length - (pair ?? '').length))), // biome-ignore format: short
    ...some(({ time }) => time !== undefined, { name: 'time', unit: 'time', of: ({ time }) => time ?? 0 }),
  ];
}
