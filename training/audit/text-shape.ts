/** @file How texts look: length, script, damage. */
import { counted, exampleOf, type Finding, finding, levelByShare, shareOf } from './findings.js';
import { type AuditData, type AuditRecord, labelKey, wholeText } from './records.js';
import { type Script, scriptOf } from './scripts.js';
import { quantile } from './statistics.js';
import { isWord, tokensOf } from './words.js';

export type Quantiles = { readonly min: number; readonly p5: number; readonly median: number; readonly p95: number; readonly max: number };

export type TextShape = {
  /** Of all texts, a pair counted as one. */
  readonly characters: Quantiles;
  readonly words: Quantiles;
  /** Words by label (`''`: unlabelled); `histogram` counts texts by words in steps of `step`, the last step open. */
  readonly byLabel: Readonly<Record<string, { readonly texts: number; readonly words: Quantiles; readonly histogram: readonly number[] }>>;
  readonly step: number;
  /** Texts by the script of most of their letters (Unicode scripts), in each split. */
  readonly scripts: Readonly<Record<string, Readonly<Partial<Record<Script, number>>>>>;
  readonly mainScript: Script;
  readonly findings: readonly Finding[];
};

const histogramSteps = 40;

export function textShape({ records, splits }: AuditData): TextShape {
  const measured = records.map((record) => {
    const text = wholeText(record);
    return { record, text, characters: [...text].length, words: tokensOf(text).filter(isWord).length, script: scriptOf(text) };
  });
  const words = measured.map((one) => one.words);
  const step = Math.max(1, Math.ceil(quantile(sorted(words), 0.99) / histogramSteps));
  const keys = [...new Set(records.map((record) => labelKey(record) ?? ''))].sort();
  const byLabel = keys.map((key) => {
    const own = measured.filter(({ record }) => (labelKey(record) ?? '') === key).map((one) => one.words);
    const histogram = new Array<number>(histogramSteps + 1).fill(0);
    for (const count of own) histogram[Math.min(histogramSteps, Math.floor(count / step))]! += 1;
    return [key, { texts: own.length, words: quantilesOf(own), histogram }] as const;
  });
  const scripts = splits.map(({ name }) => [name, countScripts(measured.filter(({ record }) => record.split === name).map(({ script }) => script))] as const); // biome-ignore format: short
  const all = countScripts(measured.map(({ script }) => script));
  const mainScript = (Object.entries(all) as [Script, number][]).sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'none';
  const strangers = measured.filter(({ script }) => script !== mainScript && script !== 'none').map(({ record }) => record);
  return {
    characters: quantilesOf(measured.map(({ characters }) => characters)),
    words: quantilesOf(words),
    byLabel: Object.fromEntries(byLabel),
    step,
    scripts: Object.fromEntries(scripts),
    mainScript,
    findings: [
      ...partFinding('almost-empty', 0.01, measured.filter((one) => isAlmostEmpty(one.text)).map(({ record }) => record), records, 'without any letter or digit but links and handles'), // biome-ignore format: short
      ...veryLong(measured),
      ...partFinding(
        'other-script',
        0.01,
        strangers,
        records,
        `mostly in another script than ${mainScript} (by Unicode's table of scripts)`,
      ),
      ...partFinding('encoding-damage', 0.001, measured.filter(({ text }) => isDamaged(text)).map(({ record }) => record), records, 'with signs of a wrong encoding (replacement characters, mojibake, control characters, byte order marks)'), // biome-ignore format: short
      ...partFinding('markup', 0.01, measured.filter(({ text }) => hasMarkup(text)).map(({ record }) => record), records, 'with HTML entities or tags'), // biome-ignore format: short
    ],
  };
}

/** U+FFFD; UTF-8 read as Windows-1252 or Latin-1, once or twice; C0 and C1 control characters; byte order marks; halves of characters. */
export function isDamaged(text: string): boolean {
  return damage.test(text) || /[\ud800-\udfff]/u.test(text);
}

export function hasMarkup(text: string): boolean {
  return /&(?:[a-z][a-z\d]{1,7}|#\d{2,6}|#x[\da-f]{2,5});|<\/?(?:p|br|b|i|a|div|span|img|strong|em|li|ul|h[1-6])\b[^<>]*>/i.test(text);
}

/** What the second byte of a UTF-8 character looks like in Windows-1252 and in Latin-1. */
const second = '[\\u0080-\\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]';
const damage = new RegExp(
  `[\\ufffd\\ufeff\\u0001-\\u0008\\u000b\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f]|â€[\\u0080-\\u2122]|Ã${second}|Â[\\u00a0-\\u00bf]|ðŸ|ï¿½|ï»¿|(?:[ÐÑ]${second}){2}`,
);

function isAlmostEmpty(text: string): boolean {
  return !/[\p{L}\p{N}]/u.test(text.replace(/https?:\/\/\S+|@[\p{L}\p{N}_]+/gu, ''));
}

type Measured = { readonly record: AuditRecord; readonly characters: number };

/** Far beyond the upper quartile on a logarithmic scale (Tukey's outer fence), and long for a model too. */
function veryLong(measured: readonly Measured[]): Finding[] {
  const logs = sorted(measured.map(({ characters }) => Math.log(Math.max(1, characters))));
  const [q1, q3] = [quantile(logs, 0.25), quantile(logs, 0.75)];
  const fence = Math.max(500, Math.exp(q3 + 3 * (q3 - q1)));
  const long = measured.filter(({ characters }) => characters > fence).sort((a, b) => b.characters - a.characters);
  if (long.length === 0) return [];
  const message = `${counted(long.length, 'text')} (${shareOf(long.length, measured.length)}) ${long.length === 1 ? 'is' : 'are'} longer than ${Math.round(fence)} characters, far from the others.`;
  return [finding('very-long', 'info', long.length, message, long.slice(0, 5).map(({ record, characters }) => exampleOf([record], `${characters} characters`)))]; // biome-ignore format: short
}

function partFinding(
  kind: 'almost-empty' | 'other-script' | 'encoding-damage' | 'markup',
  warning: number,
  concerned: readonly AuditRecord[],
  all: readonly AuditRecord[],
  what: string,
): Finding[] {
  if (concerned.length === 0) return [];
  const message = `${counted(concerned.length, 'text')} (${shareOf(concerned.length, all.length)}) ${what}.`;
  const level = levelByShare(concerned.length / all.length, { warning });
  return [finding(kind, level, concerned.length, message, concerned.slice(0, 5).map((record) => exampleOf([record], labelKey(record))))]; // biome-ignore format: short
}

function countScripts(scripts: readonly Script[]): Partial<Record<Script, number>> {
  const counts: Partial<Record<Script, number>> = {};
  for (const script of scripts) counts[script] = (counts[script] ?? 0) + 1;
  return counts;
}

function quantilesOf(values: readonly number[]): Quantiles {
  const order = sorted(values);
  return {
    min: order[0] ?? 0,
    p5: quantile(order, 0.05),
    median: quantile(order, 0.5),
    p95: quantile(order, 0.95),
    max: order.at(-1) ?? 0,
  };
}

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();
