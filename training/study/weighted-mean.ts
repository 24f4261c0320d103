/** @file A figure as a function of how often each text counts. */

/** @param counts how often each text counts: [texts]
 *  @returns NaN where the figure is not defined, such as AUC when one class was drawn only */
export type ResampledMetric = (counts: ArrayLike<number>) => number;

/** The mean of one value a text. */
export function weightedMean(values: readonly number[]): ResampledMetric {
  const all = Float64Array.from(values);
  return (counts) => {
    let [sum, weight] = [0, 0];
    for (let i = 0; i < all.length; i++) {
      sum += counts[i]! * all[i]!;
      weight += counts[i]!;
    }
    return sum / weight;
  };
}

/** The mean of several figures, those that are not defined left out. */
export function meanOf(metrics: readonly ResampledMetric[]): ResampledMetric {
  if (metrics.length === 1) return metrics[0]!;
  return (counts) => {
    const defined = metrics.map((metric) => metric(counts)).filter((value) => !Number.isNaN(value));
    return defined.reduce((a, b) => a + b, 0) / defined.length; // 0 / 0 where none is
  };
}
