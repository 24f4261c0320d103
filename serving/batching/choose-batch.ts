/** @file Which waiting texts run together. Pure. */

/** What is asked of a text before it joins a batch. */
export type Candidate = {
  /** Its length. */
  readonly tokens: number;
  /** Milliseconds: when it must be answered. */
  readonly deadline: number;
  /** Never shares a batch. */
  readonly alone: boolean;
};

export type BatchLimits = {
  /** Most texts in one batch. */
  readonly texts: number;
  /** Most tokens in one batch, padding included: longest × count. A longer single text still runs, alone. */
  readonly tokens: number;
  /** Most milliseconds that a batch of several may take, as far as that is known. Default: any. */
  readonly ms?: number;
  /** What starting a batch costs, in tokens, as long as it has not been learnt. The higher, the more padding is worth while. */
  readonly overheadTokens: number;
};

/** Whether a batch of so many tokens, padding included, would be done by `deadline`. */
export type InTime = (padded: number, deadline: number) => boolean;

/**
 * The seed, then those nearest to it in length for as long as each makes the batch more efficient: more of its own tokens for what
 * the batch costs, which is `overheadTokens` and every token with the padding. None joins that would make another late.
 *
 * @param seed whose turn it is; it always goes
 * @param others waiting texts of the seed's model in groups of one length each, the nearest length first; the seed may be among them
 * @param most further bound on the number of texts, so that free workers share what waits
 */
export function chooseBatch<C extends Candidate>(
  seed: C,
  others: Iterable<Iterable<C>>,
  limits: BatchLimits,
  most = limits.texts,
  inTime: InTime = () => true,
): readonly C[] {
  const batch = [seed];
  if (seed.alone) return batch;
  const count = Math.min(limits.texts, most);
  let real = seed.tokens;
  let longest = seed.tokens;
  let deadline = seed.deadline;
  for (const group of others) {
    for (const one of group) {
      if (batch.length >= count) return batch;
      if (one === seed || one.alone) continue;
      const padded = Math.max(longest, one.tokens) * (batch.length + 1);
      const before = real / (limits.overheadTokens + longest * batch.length);
      const after = (real + one.tokens) / (limits.overheadTokens + padded);
      // What keeps this one out keeps out all of its length, unless it is its own deadline.
      if (padded > limits.tokens || after < before || !inTime(padded, deadline)) break;
      if (!inTime(padded, one.deadline)) continue;
      batch.push(one);
      real += one.tokens;
      longest = Math.max(longest, one.tokens);
      deadline = Math.min(deadline, one.deadline);
    }
  }
  return batch;
}
