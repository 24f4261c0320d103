import { expect, test } from 'vitest';
import { add, evaluate, GraphBuilder, matMul, mul } from '../../models/index.js';
import { foldScales } from './fold-scales.js';

const feeds = new Map([['x', { dims: [2, 2], data: Float64Array.of(1, 2, -3, 4) }]]);

function scaled(): { readonly g: GraphBuilder; readonly sum: ReturnType<typeof add> } {
  const g = new GraphBuilder();
  const sum = add(g, matMul(g, g.input('x', [2, 2]), g.constant([1, -2, 3, 0.5], 'float32', [2, 2])), g.constant([0.5, 8]));
  return { g, sum };
}

test('a factor behind a linear layer is taken up into its weight and bias', () => {
  const { g, sum } = scaled();
  const before = g.graph([add(g, mul(g, sum, 0.25), 1)]);
  const after = foldScales(before);
  expect(after.nodes.map(({ op }) => op)).toEqual(['MatMul', 'Add', 'Add']);
  expect(evaluate(after, feeds)).toEqual(evaluate(before, feeds));
});

test('a layer that something else reads too is left as it is', () => {
  const { g, sum } = scaled();
  const before = g.graph([add(g, mul(g, sum, 0.25), sum)]);
  expect(foldScales(before)).toEqual(before);
});
