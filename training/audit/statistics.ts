/** @file Whether a count could be chance. */

export type Interval = { readonly low: number; readonly high: number };

/** Wilson's score interval of a share (1927). @param z width in standard deviations; 1.96 is 95 % */
export function wilson(count: number, total: number, z = 1.96): Interval {
  if (total === 0) return { low: 0, high: 1 };
  const share = count / total;
  const z2 = z * z;
  const middle = (share + z2 / (2 * total)) / (1 + z2 / total);
  const half = (z / (1 + z2 / total)) * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total * total));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Fisher's exact test, two-sided by doubling: of `population` texts `marked` are marked; how likely is it that `drawn` of them hold as
 *  many marked ones as `hits`, or as few, by chance. In 0..1. */
export function fisher(hits: number, drawn: number, marked: number, population: number): number {
  const above = hits * population >= drawn * marked;
  const limit = above ? Math.min(drawn, marked) : Math.max(0, drawn + marked - population);
  const logAll = logChoose(population, drawn);
  let tail = 0;
  for (let k = hits; above ? k <= limit : k >= limit; k += above ? 1 : -1) {
    const term = Math.exp(logChoose(marked, k) + logChoose(population - marked, drawn - k) - logAll);
    tail += term;
    if (term < tail * 1e-12) break; // terms only fall from here
  }
  return Math.min(1, 2 * tail);
}

export type ChiSquare = {
  readonly statistic: number;
  readonly p: number;
  /** Cramér's V, 0..1: how strong the dependence is, whatever the number of texts. */
  readonly strength: number;
};

/** Pearson's test of independence. @param table counts, [rows][columns]; rows and columns without counts are left out */
export function chiSquare(table: readonly (readonly number[])[]): ChiSquare {
  const rowSums = table.map(sum);
  const columnSums = (table[0] ?? []).map((_, column) => sum(table.map((row) => row[column]!)));
  const total = sum(rowSums);
  const rows = rowSums.filter((count) => count > 0).length;
  const columns = columnSums.filter((count) => count > 0).length;
  if (rows < 2 || columns < 2) return { statistic: 0, p: 1, strength: 0 };
  let statistic = 0;
  table.forEach((row, i) => {
    row.forEach((count, j) => {
      const expected = (rowSums[i]! * columnSums[j]!) / total;
      if (expected > 0) statistic += (count - expected) ** 2 / expected;
    });
  });
  const p = upperGamma(((rows - 1) * (columns - 1)) / 2, statistic / 2);
  return { statistic, p, strength: Math.sqrt(statistic / (total * (Math.min(rows, columns) - 1))) };
}

/** The value below which `share` of the sorted values lie. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return -Infinity;
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/** Stirling's series after shifting the argument above 10; relative error below 1e-13. */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 10; y++) shift += Math.log(y);
  const inverse = 1 / (y * y);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** The regularised upper incomplete gamma function Q(a, x): by its series below a + 1, by Lentz's continued fraction above. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let total = term;
    for (let n = 1; n < 10_000 && term > total * 1e-15; n++) {
      term *= x / (a + n);
      total += term;
    }
    return Math.max(0, 1 - scale * total);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 10_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return scale * fraction;
}
