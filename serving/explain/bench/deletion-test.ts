/** @file What becomes of a label when the words that speak most for it go, beside what becomes of it when others go. */
import { toVerdict, type VerdictRules } from '../../../models/index.js';
import type { Span } from '../../protocol/index.js';
import { strengthOf } from '../log-odds.js';
import { type Place, splitWords } from '../split-words.js';
import { withoutSpan } from '../without-span.js';

export type DeletionTest = {
  readonly rules: VerdictRules;
  readonly logits: (texts: readonly string[]) => Promise<readonly Float32Array[]>;
  /** Texts, with the logits and the explanation of the predicted label of each. */
  readonly explained: readonly { readonly text: string; readonly row: Float32Array; readonly spans: readonly Span[] }[];
  /** How words are taken away. Default: left out. */
  readonly take?: (text: string, place: Place) => string;
  /** Of the words, what share goes; at least one word does. Default a fifth. */
  readonly share?: number;
  readonly seed: number;
};

/** Means over the texts, of the predicted label. */
export type DeletionFigures = {
  /** How far its log-odds fall without the words that weigh most. */
  readonly topDrop: number;
  /** Without as many drawn by chance, five times. */
  readonly randomDrop: number;
  /** How often another label is predicted then. */
  readonly topFlips: number;
  readonly randomFlips: number;
  /** Share of the texts for which the first cost more than the second. */
  readonly won: number;
};

export async function deletionTest({
  rules,
  logits,
  explained,
  take = withoutSpan,
  share = 0.2,
  seed,
}: DeletionTest): Promise<DeletionFigures> {
  const next = random(seed);
  const sums = { topDrop: 0, randomDrop: 0, topFlips: 0, randomFlips: 0, won: 0 };
  for (const { text, row, spans } of explained) {
    const label = predicted(rules, row);
    const strength = strengthOf(rules, label);
    const words = wordsOf(text, spans);
    const count = Math.max(1, Math.round(share * words.length));
    const top = [...words].sort((a, b) => b.weight - a.weight).slice(0, count);
    const others = Array.from({ length: 5 }, () => draw(words, count, next));
    const after = await logits([top, ...others].map((gone) => takeAll(text, gone, take)));
    const [topDrop = 0, ...drops] = after.map((now) => strength(row) - strength(now));
    const [topFlip = 0, ...flips] = after.map((now) => (predicted(rules, now) === label ? 0 : 1));
    sums.topDrop += topDrop;
    sums.topFlips += topFlip;
    sums.randomDrop += mean(drops);
    sums.randomFlips += mean(flips);
    sums.won += topDrop > mean(drops) ? 1 : 0;
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / explained.length])) as DeletionFigures;
}

export function predicted(rules: VerdictRules, row: ArrayLike<number>): string {
  const verdict = toVerdict(rules, row);
  return 'label' in verdict ? verdict.label : rules.labels[0]!;
}

/** The words that were read; those of a passage share its weight. */
function wordsOf(text: string, spans: readonly Span[]): readonly (Place & { readonly weight: number })[] {
  return spans.flatMap(({ start, end, weight }) => {
    const words = splitWords(text.slice(start, end));
    return words.map((word) => ({ start: start + word.start, end: start + word.end, weight: weight / words.length }));
  });
}

/** From the end to the beginning, so that places stay right. */
function takeAll(text: string, places: readonly Place[], take: (text: string, place: Place) => string): string {
  return [...places].sort((a, b) => b.start - a.start).reduce(take, text);
}

function draw<T>(from: readonly T[], count: number, next: () => number): readonly T[] {
  const left = [...from];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(Math.floor(next() * left.length), 1)[0]!);
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Numbers in 0..1, by the linear congruential generator of Numerical Recipes. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
