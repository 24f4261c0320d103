import { expect, test } from 'vitest';
import { evaluate, GraphBuilder } from '../../models/index.js';
import { tableGradient } from './table-gradient.js';

test.each([
  ['a small table', 5],
  ['one that is made in several blocks', 9_000],
])('%s gets to each row the sum of what was looked up of it', (_what, rows) => {
  const g = new GraphBuilder();
  const ids = g.input('ids', ['batch', 'tokens'], 'int64');
  const gradient = g.input('gradient', ['batch', 'tokens', 2]);
  const types = g.constant([4, 4], 'int64', [2]);
  const ofTypes = g.input('ofTypes', [2, 2]);
  const table = tableGradient(g, [{ ids, gradient }, { ids: types, gradient: ofTypes }], [rows, 2]); // biome-ignore format: short
  expect(table.shape).toEqual([rows, 2]);
  const last = rows - 1;
  const feeds = {
    ids: { dims: [2, 2], data: Float64Array.of(0, 3, 3, last) },
    gradient: { dims: [2, 2, 2], data: Float64Array.of(1, 2, 10, 20, 100, 200, 5, 6) },
    ofTypes: { dims: [2, 2], data: Float64Array.of(1000, 0, 2000, 0) },
  };
  const { data } = evaluate(g.graph([table]), new Map(Object.entries(feeds))).get(table.name)!;
  const expected = new Float64Array(2 * rows);
  expected.set([1, 2], 0);
  expected.set([110, 220], 6);
  expected.set([3000, 0], 8);
  expected[2 * last]! += 5;
  expected[2 * last + 1]! += 6;
  expect([...data]).toEqual([...expected]);
});
