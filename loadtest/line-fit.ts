/** @file Does it grow? A straight line through measurements, with the interval in which its slope lies. */

export type LineFit = {
  /** Of y, for one of x. */
  readonly slope: number;
  /** Where the slope lies with 95 % confidence. */
  readonly low: number;
  readonly high: number;
  /** Blocks that the line was drawn through. */
  readonly blocks: number;
};

type Point = readonly [x: number, y: number];

/** Neighbouring measurements of memory are alike, which would make the interval too narrow: what is fitted are the medians of so many blocks. */
const mostBlocks = 30;
const leastBlocks = 6;

/** Least squares through the medians of blocks. @returns `undefined` for fewer than 12 points: they say nothing */
export function fitLine(points: readonly Point[]): LineFit | undefined {
  const count = Math.min(mostBlocks, Math.floor(points.length / 2));
  if (count < leastBlocks) return undefined;
  const blocks = Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * points.length) / count);
    const part = points.slice(from, Math.floor(((i + 1) * points.length) / count));
    return [median(part.map(([x]) => x)), median(part.map(([, y]) => y))] as const;
  });
  const mean = (of: (point: Point) => number): number => blocks.reduce((sum, point) => sum + of(point), 0) / count;
  const [x0, y0] = [mean(([x]) => x), mean(([, y]) => y)];
  const xx = blocks.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
  const slope = blocks.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0) / xx;
  const residual = blocks.reduce((sum, [x, y]) => sum + (y - y0 - slope * (x - x0)) ** 2, 0);
  const error = t975(count - 2) * Math.sqrt(residual / (count - 2) / xx);
  return { slope, low: slope - error, high: slope + error, blocks: count };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

/** Of Student's distribution, from the normal one by Cornish and Fisher; within 0.5 % from 4 degrees of freedom on. */
function t975(degrees: number): number {
  const z = 1.959964;
  return z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
}
