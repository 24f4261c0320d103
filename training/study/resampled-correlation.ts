/** @file Correlations for any weights of the texts. */
import type { ResampledMetric } from './weighted-mean.js';

/** Pearson's: Σ c (x - x̄)(y - ȳ) / √(Σ c (x - x̄)² Σ c (y - ȳ)²). */
export function correlation(x: readonly number[], y: readonly number[]): ResampledMetric {
  return (counts) => weightedCorrelation(x, y, counts);
}

/** Spearman's: that of the ranks; equals share the mean of theirs. */
export function rankCorrelation(x: readonly number[], y: readonly number[]): ResampledMetric {
  const [ranksOfX, ranksOfY] = [ranked(x), ranked(y)];
  return (counts) => weightedCorrelation(ranksOfX(counts), ranksOfY(counts), counts);
}

function weightedCorrelation(x: ArrayLike<number>, y: ArrayLike<number>, counts: ArrayLike<number>): number {
  let [weight, sumX, sumY, first, constantX, constantY] = [0, 0, 0, -1, true, true];
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    if (first < 0) first = i;
    // Compared as they are: the mean of equal values is rounded, and would leave a deviation to divide by.
    constantX &&= x[i] === x[first];
    constantY &&= y[i] === y[first];
    weight += counts[i]!;
    sumX += counts[i]! * x[i]!;
    sumY += counts[i]! * y[i]!;
  }
  if (constantX || constantY) return Number.NaN;
  const [meanX, meanY] = [sumX / weight, sumY / weight];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < counts.length; i++) {
    const [dx, dy] = [x[i]! - meanX, y[i]! - meanY];
    xy += counts[i]! * dx * dy;
    xx += counts[i]! * dx * dx;
    yy += counts[i]! * dy * dy;
  }
  return Math.min(1, Math.max(-1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
}

/** The rank of each value under given counts, sorted once. */
function ranked(values: readonly number[]): (counts: ArrayLike<number>) => Float64Array {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  return (counts) => {
    let before = 0;
    for (let start = 0, end = 0; start < order.length; start = end) {
      let tied = 0;
      while (end < order.length && values[order[end]!] === values[order[start]!]) tied += counts[order[end++]!]!;
      for (let at = start; at < end; at++) ranks[order[at]!] = before + (tied + 1) / 2;
      before += tied;
    }
    return ranks;
  };
}
