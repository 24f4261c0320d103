/** @file Which waiting texts run together. Pure. */

/** A text that waits. */
export type Waiting<T> = {
  /** Texts of different lanes (models) never share a batch. */
  readonly lane: string;
  /** Its length. */
  readonly tokens: number;
  /** Milliseconds, on the clock of whoever calls. */
  readonly arrived: number;
  /** After this moment nobody waits for the answer. */
  readonly deadline: number;
  /** Never share a batch: it was in one that failed. */
  readonly alone: boolean;
  readonly payload: T;
};

export type BatchLimits = {
  /** Most texts in one batch. */
  readonly texts: number;
  /** Most tokens in one batch, padding included: longest × count. A longer single text still runs, alone. */
  readonly tokens: number;
  /** What starting a batch costs, in tokens. The higher, the more padding is worth while. */
  readonly overheadTokens: number;
};

/**
 * The oldest waiting text, then those nearest to it in length for as long as each makes the batch more efficient: more of its
 * own tokens for what the batch costs, which is `overheadTokens` and every token with the padding. As the oldest always goes, none starves.
 *
 * @param waiting in order of arrival, oldest first
 * @param most further bound on the number of texts, so that free workers share what waits
 */
export function chooseBatch<T>(waiting: readonly Waiting<T>[], limits: BatchLimits, most = limits.texts): readonly Waiting<T>[] {
  const [oldest] = waiting;
  if (!oldest) return [];
  const batch = [oldest];
  if (oldest.alone) return batch;
  const distance = (one: Waiting<T>): number => Math.abs(one.tokens - oldest.tokens);
  const candidates = waiting.filter((one) => one !== oldest && one.lane === oldest.lane && !one.alone);
  candidates.sort((a, b) => distance(a) - distance(b));
  const count = Math.min(limits.texts, most);
  let real = oldest.tokens;
  let longest = oldest.tokens;
  for (const candidate of candidates) {
    if (batch.length >= count) break;
    const { tokens } = candidate;
    const padded = Math.max(longest, tokens) * (batch.length + 1);
    if (padded > limits.tokens) continue;
    const before = real / (limits.overheadTokens + longest * batch.length);
    const after = (real + tokens) / (limits.overheadTokens + padded);
    if (after < before) continue;
    batch.push(candidate);
    real += tokens;
    longest = Math.max(longest, tokens);
  }
  return batch;
}
