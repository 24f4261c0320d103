/** @file Places in a text as numbers and as waves, without a table that ends: texts may be longer than any that was trained on. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { add, mul, sub } from '../graph/ops/elementwise.js';
import { gather } from '../graph/ops/indexing.js';
import { reshape, shapeOf, slice, take, unsqueeze } from '../graph/ops/layout.js';

const base = 128;
/** Tokens of the longest text that has positions. */
export const mostPositions = base * base;

/** The size of `x` along `axis`, known when the graph runs: int64 [1]. */
export const sizeAlong = (g: GraphBuilder, x: Value, axis: number): Value =>
  slice(g, shapeOf(g, x), { axis: 0, start: axis, end: axis + 1 });

/**
 * 0, 1, 2 … along a dim.
 *
 *     size     [1] int64, from `sizeAlong`: at most `mostPositions`
 *     returns  [tokens] int64
 */
export function positions(g: GraphBuilder, size: Value): Value {
  const { high, low } = digits(g, size);
  return add(g, mul(g, high, base), low);
}

/**
 * sin and cos of position · frequency.
 *
 *     size         [1] int64, from `sizeAlong`: at most `mostPositions`
 *     frequencies  radians a token
 *     returns      [tokens, frequencies] each
 */
export function waves(g: GraphBuilder, size: Value, frequencies: readonly number[]): { readonly sin: Value; readonly cos: Value } {
  const { high, low } = digits(g, size);
  const table = (of: (x: number) => number, step: number, digit: Value): Value => {
    const content = Array.from({ length: base }, (_, n) => frequencies.map((frequency) => of(n * step * frequency))).flat();
    return gather(g, g.constant(content, g.float, [base, frequencies.length]), digit); // [tokens, frequencies]
  };
  // A position is 128·high + low, and its waves follow from those of the two parts: two small tables instead of one for every position.
  const [sinHigh, cosHigh] = [table(Math.sin, base, high), table(Math.cos, base, high)];
  const [sinLow, cosLow] = [table(Math.sin, 1, low), table(Math.cos, 1, low)];
  return {
    sin: add(g, mul(g, sinHigh, cosLow), mul(g, cosHigh, sinLow)), // sin(a + b) = sin a · cos b + cos a · sin b
    cos: sub(g, mul(g, cosHigh, cosLow), mul(g, sinHigh, sinLow)), // cos(a + b) = cos a · cos b - sin a · sin b
  };
}

/** The frequencies of Vaswani et al. 2017 for vectors of `width`: 10000^(-2k / width), k < width / 2. */
export const waveFrequencies = (width: number): readonly number[] =>
  Array.from({ length: width / 2 }, (_, k) => 10_000 ** ((-2 * k) / width));

/** The two digits of each position in base 128, [tokens] int64 each. */
function digits(g: GraphBuilder, size: Value): { readonly high: Value; readonly low: Value } {
  const count = g.constant(
    Array.from({ length: base }, (_, i) => i),
    'int64',
  );
  const digit = (axis: number): Value => {
    const grid = g.add('Expand', [unsqueeze(g, count, [axis]), g.constant([base, base], 'int64')], {})[0]!; // [128, 128]
    return take(g, reshape(g, grid, [mostPositions]), size); // [tokens]
  };
  return { high: digit(1), low: digit(0) };
}
