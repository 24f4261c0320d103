import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import type { Numbers } from '../graph/evaluate/evaluation.js';
import { evaluate } from '../graph/evaluate.js';
import type { Value } from '../graph/graph.js';
import { mostPositions, positions, sizeAlong, waveFrequencies, waves } from './positions.js';
import { Scope } from './scope.js';
import { lastToken, maxOverTime } from './time-pooling.js';

const g = new GraphBuilder({ float: 'float64' });
const ids = g.input('ids', ['batch', 'tokens'], 'int64');
const run = (y: Value, tokens: number): Numbers =>
  evaluate(g.graph([y]), new Map([['ids', { dims: [1, tokens], data: new Float64Array(tokens) }]])).get(y.name)!;

test.each([1, 2, 128, 129, 1000])('positions of a text of %i tokens', (tokens) => {
  const places = positions(g, sizeAlong(g, ids, 1));
  expect(places.shape).toEqual(['tokens']);
  expect([...run(places, tokens).data]).toEqual(Array.from({ length: tokens }, (_, i) => i));
});

test('waves are sin and cos of position times frequency, up to the last position', () => {
  const frequencies = waveFrequencies(8);
  expect(frequencies).toEqual([1, 0.1, 0.01, 0.001].map((x) => expect.closeTo(x, 12)));
  const { sin, cos } = waves(g, sizeAlong(g, ids, 1), frequencies);
  expect(sin.shape).toEqual(['tokens', 4]);
  const [sines, cosines] = [run(sin, mostPositions), run(cos, mostPositions)];
  for (const place of [0, 1, 127, 128, 5000, mostPositions - 1])
    for (const [k, frequency] of frequencies.entries()) {
      expect(sines.data[place * 4 + k]).toBeCloseTo(Math.sin(place * frequency), 10);
      expect(cosines.data[place * 4 + k]).toBeCloseTo(Math.cos(place * frequency), 10);
    }
});

describe('pooling over time', () => {
  const scope = Scope.root(new GraphBuilder({ float: 'float64' }));
  const states = scope.graph.input('states', ['batch', 'tokens', 2]);
  const mask = scope.graph.input('mask', ['batch', 'tokens'], 'int64');
  const x = [9, -9, 1, -5, 3, -7, 8, -8]; // four tokens of width 2
  const pool = (y: Value, bits: readonly number[]) =>
    [
      ...evaluate(
        scope.graph.graph([y]),
        new Map([
          ['states', { dims: [1, 4, 2], data: Float64Array.from(x) }],
          ['mask', { dims: [1, 4], data: Float64Array.from(bits) }],
        ]),
      ).get(y.name)!.data,
    ].map((value) => value + 0); // no -0

  test.each([
    [
      [1, 1, 1, 1],
      [9, -5],
      [8, -8],
    ],
    [
      [0, 1, 1, 0],
      [3, -5],
      [3, -7],
    ],
    [
      [1, 0, 0, 0],
      [9, -9],
      [9, -9],
    ],
    [
      [0, 0, 0, 0],
      [-10_000, -10_000],
      [0, 0],
    ],
  ])('with the mask %j the largest are %j, the last %j', (bits, largest, last) => {
    expect(pool(maxOverTime(scope, states, mask), bits)).toEqual(largest);
    expect(pool(lastToken(scope, states, mask), bits)).toEqual(last);
  });
});
