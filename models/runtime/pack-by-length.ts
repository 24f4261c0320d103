/** @file Which texts run together, so that little is computed twice: neither padding nor the start of a batch. Pure, and safe in a browser. */

export type PackLimits = {
  /** Padded tokens of one batch at most; a longer text runs alone. */
  readonly tokens: number;
  /** Texts of one batch at most. */
  readonly texts: number;
  /** What starting a batch costs, in tokens. The higher, the more padding is worth while. Default 8: of 4, 8 and 16 the best
   *  for BERTs of 2 x 128 and 6 x 384 on a CPU core, in fp32 and int8. */
  readonly overheadTokens?: number;
};

/**
 * Rows by length, the longest first, cut where the sum of longest × count + `overheadTokens` over all batches is least.
 *
 * @param lengths tokens of each row
 * @returns the rows of each batch: every row once
 */
export function packByLength(lengths: readonly number[], { tokens, texts, overheadTokens = 8 }: PackLimits): number[][] {
  const order = lengths.map((_, row) => row).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  /** What the first so many rows cost at least, and where their last batch begins. */
  const cost = new Float64Array(order.length + 1);
  const begins = new Uint32Array(order.length + 1);
  for (let end = 1; end <= order.length; end++) {
    cost[end] = Number.POSITIVE_INFINITY;
    for (let begin = end - 1; begin >= 0 && end - begin <= texts; begin--) {
      const padded = lengths[order[begin]!]! * (end - begin);
      if (padded > tokens && end - begin > 1) break; // a batch that begins earlier is longer still
      const total = cost[begin]! + overheadTokens + padded;
      if (total >= cost[end]!) continue;
      cost[end] = total;
      begins[end] = begin;
    }
  }
  const batches: number[][] = [];
  for (let end = order.length; end > 0; end = begins[end]!) batches.push(order.slice(begins[end], end));
  return batches.reverse();
}
