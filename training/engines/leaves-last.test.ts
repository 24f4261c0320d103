import { expect, test } from 'vitest';
import { add, exp, GraphBuilder, mul } from '../../models/index.js';
import { leavesLast } from './leaves-last.js';

test('what nothing else reads comes last, the last written first; the rest keeps its order', () => {
  const g = new GraphBuilder();
  const x = g.input('x', [2]);
  const [a, first] = [exp(g, x), mul(g, x, x)];
  const b = exp(g, a);
  const [second, third] = [add(g, a, b), mul(g, b, b)];
  const graph = g.graph([first, second, third]);
  const { nodes, inputs, outputs } = leavesLast(graph);
  expect(nodes.map(({ outputs: [y] }) => y!.name)).toEqual([a, b, third, second, first].map(({ name }) => name));
  expect({ inputs, outputs }).toEqual({ inputs: graph.inputs, outputs: graph.outputs });
});
