/** @file How long a batch takes, learnt from the batches that ran. */
import type { BatchLimits } from './choose-batch.js';
import type { Backlog } from './waiting.js';

export type CostModel = {
  /** A batch of `padded` tokens, of which `real` were no padding, took `ms`. */
  observe(padded: number, real: number, ms: number, texts?: number): void;
  /** What a batch of so many tokens, padding included, will take. 0 before anything was measured: nothing is refused on a guess. */
  batchMs(padded: number): number;
  /** The same, with room for how far the batches strayed from what was foretold. */
  atMostMs(padded: number): number;
  /** Most tokens of a batch, padding included, within `limits.ms` and `limits.tokens`. */
  mostTokens(): number;
  /** What starting a batch costs, in tokens; `limits.overheadTokens` as long as that cannot be told. */
  overheadTokens(): number;
  /** What one worker needs for so many texts, in full batches. */
  backlogMs(backlog: Backlog): number;
  /** The part of it that these texts would be among many others. Without `tokens`: of texts as long as those that ran. */
  workMs(texts: number, tokens?: number): number;
};

/** Share of the past that is kept with each batch: about the last thirty count. */
const memory = 0.97;
/** A batch that took far longer than foretold counts as this many times the forecast: one hiccup must not shut the door on everybody. */
const mostSurprise = 3;

/** Tokens; a forecast that says more is not believed. */
const mostOverhead = 64;

/**
 * `ms = a + b · padded`, by least squares with forgetting. As long as all batches were of about one size, the two cannot be told
 * apart; then `a` is what `limits.overheadTokens` tokens cost.
 */
export function createCostModel(limits: BatchLimits): CostModel {
  let [n, x, y, xx, xy] = [0, 0, 0, 0, 0];
  let realTokens = 0;
  let ranTexts = 0;
  let deviation = 0.2;
  let [a, b] = [0, 0];

  const fit = (): void => {
    const spread = n * xx - x * x;
    b = spread > 0.01 * n * xx ? (n * xy - x * y) / spread : -1;
    a = (y - b * x) / n;
    if (b < 0 || a < 0) {
      b = y / (n * limits.overheadTokens + x);
      a = b * limits.overheadTokens;
    }
  };
  const batchMs = (padded: number): number => a + b * padded;
  const mostTokens = (): number =>
    limits.ms === undefined || b === 0 ? limits.tokens : Math.min(limits.tokens, Math.max(1, Math.floor((limits.ms - a) / b)));

  return {
    observe(padded, real, measured, texts = 1) {
      const foretold = batchMs(padded);
      const ms = foretold > 0 && n > 3 ? Math.min(measured, mostSurprise * foretold) : measured;
      if (foretold > 0) deviation += 0.1 * (Math.min(1, Math.abs(ms / foretold - 1)) - deviation);
      [n, x, y, xx, xy] = [n * memory + 1, x * memory + padded, y * memory + ms, xx * memory + padded * padded, xy * memory + padded * ms];
      realTokens = realTokens * memory + real;
      ranTexts = ranTexts * memory + texts;
      fit();
    },
    batchMs,
    mostTokens,
    overheadTokens: () => (b === 0 ? limits.overheadTokens : Math.min(mostOverhead, Math.max(1, a / b))),
    atMostMs: (padded) => batchMs(padded) * (1 + 2 * deviation),
    backlogMs({ texts, tokens }) {
      if (texts === 0 || n === 0) return 0;
      const padded = tokens * (x / realTokens);
      const batches = Math.max(1, texts / limits.texts, padded / mostTokens());
      return a * batches + b * padded;
    },
    workMs(texts, tokens = n === 0 ? 0 : texts * (realTokens / ranTexts)) {
      if (n === 0) return 0;
      const padded = tokens * (x / realTokens);
      return a * Math.max(texts / limits.texts, padded / mostTokens()) + b * padded;
    },
  };
}
