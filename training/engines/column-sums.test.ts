import { expect, test } from 'vitest';
import { GraphBuilder, mul, reduceSum, type Tensor, toOnnx } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { columnSums } from './column-sums.js';

const filled = (dims: readonly number[]): Tensor => {
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
  return { type: 'float32', dims, data };
};

test('sums over all rows become products with ones, and stay what they were', async () => {
  const g = new GraphBuilder();
  const [x, y] = [g.input('x', ['batch', 'tokens', 5]), g.input('y', ['batch', 2, 'tokens', 3])];
  const sums = [reduceSum(g, x, { axes: [0, 1] }), reduceSum(g, mul(g, x, x), { axes: [1, 0] }), reduceSum(g, y, { axes: [0, 1, 2] })];
  const graph = g.graph(sums);
  const changed = columnSums(graph);
  const count = (op: string): number => changed.nodes.filter((node) => node.op === op).length;
  expect([count('ReduceSum'), count('MatMul')]).toEqual([0, 3]);
  expect(count('ConstantOfShape')).toBe(2); // one for each number of rows

  const [before, after] = await Promise.all([graph, changed].map((one) => createSession(toOnnx(one))));
  for (const [batch, tokens] of [
    [2, 3],
    [1, 1],
    [7, 64],
  ] as const) {
    const feeds = { x: filled([batch, tokens, 5]), y: filled([batch, 2, tokens, 3]) };
    const [then, now] = [await before!.run(feeds), await after!.run(feeds)];
    for (const { name, shape } of sums) {
      expect(now[name]!.dims).toEqual(shape);
      for (const [i, value] of (now[name]!.data as Float32Array).entries()) {
        const was = Number(then[name]!.data[i]);
        expect(Math.abs(value - was)).toBeLessThan(1e-5 * Math.max(1, Math.abs(was)));
      }
    }
  }
});

test('other sums are left as they are', () => {
  const g = new GraphBuilder();
  const [x, matrix, exact] = [g.input('x', ['batch', 'tokens', 5]), g.input('m', ['batch', 5]), g.input('e', ['batch', 2, 5], 'float64')];
  const graph = g.graph([
    reduceSum(g, x, { axes: [0] }),
    reduceSum(g, x, { axes: [1, 2] }),
    reduceSum(g, x, { axes: [0, 1], keepdims: true }),
    reduceSum(g, matrix, { axes: [0] }),
    reduceSum(g, exact, { axes: [0, 1] }),
  ]);
  expect(columnSums(graph)).toEqual(graph);
});
