/** @file The area under the ROC curve for any weights of the texts, sorted once. */
import type { ResampledMetric } from './weighted-mean.js';

/**
 * Ties count half. With `maxRate` the part up to that false positive rate, standardised after McClish (1989): chance .5, perfect 1.
 *
 * @param values one a text: larger should be positive
 */
export function rocArea(values: readonly number[], positive: readonly boolean[], maxRate = 1): ResampledMetric {
  const order = Int32Array.from(values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!));
  const isPositive = Uint8Array.from(positive, Number);
  const endsTie = Uint8Array.from(order, (text, at) => (at + 1 < order.length && values[text] === values[order[at + 1]!] ? 0 : 1));
  return (counts) => {
    let [positives, negatives] = [0, 0];
    for (let text = 0; text < isPositive.length; text++) {
      if (isPositive[text]) positives += counts[text]!;
      else negatives += counts[text]!;
    }
    const end = maxRate * negatives;
    let [above, before, tiedPositive, tiedNegative, area] = [0, 0, 0, 0, 0];
    for (let at = 0; at < order.length; at++) {
      const text = order[at]!;
      if (isPositive[text]) tiedPositive += counts[text]!;
      else tiedNegative += counts[text]!;
      if (!endsTie[at]) continue;
      const width = Math.min(tiedNegative, end - before);
      if (width > 0) area += width * (above + (tiedPositive * width) / tiedNegative / 2);
      if (before + tiedNegative > end) break;
      above += tiedPositive;
      before += tiedNegative;
      [tiedPositive, tiedNegative] = [0, 0];
    }
    const share = area / (positives * negatives); // 0 / 0 with one class only
    if (maxRate === 1) return share;
    const chance = maxRate ** 2 / 2;
    return (1 + (share - chance) / (maxRate - chance)) / 2;
  };
}
