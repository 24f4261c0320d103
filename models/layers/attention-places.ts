/** @file Positions told to the attention instead of to the words: nothing is learned for a position, so none is the last. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { add, greater, mul, sub, where } from '../graph/ops/elementwise.js';
import { gather } from '../graph/ops/indexing.js';
import { unsqueeze } from '../graph/ops/layout.js';
import { matMul } from '../graph/ops/matmul.js';
import { positions, sizeAlong, waveFrequencies, waves } from './positions.js';

export type AttentionPlaces = {
  /** Done to queries and keys, [batch, tokens, heads, headWidth] each. */
  readonly turn?: (x: Value) => Value;
  /** [tokens, tokens, headWidth]: for tokens i and j what i adds to the key and to the value of j. */
  readonly relative?: Value;
};

/**
 * Rotary positions (Su et al. 2021, RoFormer): each pair of numbers is a point that is turned by an angle that grows with the position, so
 * that the product of a query and a key depends on how far they are apart.
 *
 *     ids   [batch, tokens]
 */
export function rotaryPlaces(g: GraphBuilder, ids: Value, headWidth: number): AttentionPlaces {
  const frequencies = waveFrequencies(headWidth).flatMap((frequency) => [frequency, frequency]);
  const { sin, cos } = waves(g, sizeAlong(g, ids, 1), frequencies); // [tokens, headWidth]
  const [over, along] = [unsqueeze(g, sin, [1]), unsqueeze(g, cos, [1])]; // [tokens, 1, headWidth]
  // (a, b) to (-b, a) in each pair. As a product with a matrix: its gradient is one too, where that of cutting and joining is many copies.
  const quarter = Array.from({ length: headWidth }, (_, row) =>
    Array.from({ length: headWidth }, (_, column) => (column === (row ^ 1) ? (row % 2 === 0 ? 1 : -1) : 0)),
  );
  const matrix = g.constant(quarter.flat(), g.float, [headWidth, headWidth]);
  return { turn: (x) => add(g, mul(g, x, along), mul(g, matMul(g, x, matrix), over)) };
}

/** Tokens further away than this are as far as this. */
export const furthest = 64;

/**
 * Relative positions (Shaw et al. 2018) as fixed waves (Wei et al. 2019, NEZHA), the same for every head.
 *
 *     ids   [batch, tokens]
 */
export function relativePlaces(g: GraphBuilder, ids: Value, headWidth: number): AttentionPlaces {
  const frequencies = waveFrequencies(headWidth);
  const rows = Array.from({ length: 2 * furthest + 1 }, (_, n) =>
    frequencies.flatMap((frequency) => [Math.sin(n * frequency), Math.cos(n * frequency)]),
  );
  const table = g.constant(rows.flat(), g.float, [rows.length, headWidth]);
  const place = positions(g, sizeAlong(g, ids, 1)); // [tokens]
  const distance = sub(g, unsqueeze(g, place, [0]), unsqueeze(g, place, [1])); // [tokens, tokens]: j - i
  const near = where(g, greater(g, distance, furthest), furthest, distance);
  const clipped = where(g, greater(g, -furthest, near), -furthest, near);
  return { relative: gather(g, table, add(g, clipped, furthest)) };
}
