import { expect, test } from 'vitest';
import { add, evaluate, exp, GraphBuilder, identity, mul, numbersOf, reshape, stopGradient } from '../../models/index.js';
import { foldConstants } from './fold-constants.js';
import { removeDeadCode } from './remove-dead-code.js';
import { removeTrainingNodes } from './remove-training-nodes.js';

const feeds = new Map([['x', { dims: [2], data: Float64Array.of(1, -2) }]]);

test('constant folding: what constants alone decide is decided, and the answer stays', () => {
  const g = new GraphBuilder();
  const y = mul(g, g.input('x', [2]), add(g, exp(g, g.constant([0, 0])), 3));
  const before = g.graph([y]);
  const after = foldConstants(before);
  expect(after.nodes.map(({ op }) => op)).toEqual(['Mul']);
  expect(numbersOf(after.nodes[0]!.inputs[1]!.constant!)).toEqual([4, 4]);
  expect(evaluate(after, feeds)).toEqual(evaluate(before, feeds));
});

test('constant folding: a constant that must keep its name is not taken up into another', () => {
  const g = new GraphBuilder();
  const [kept, other] = [g.constant([1, 2]), g.constant([3, 4])];
  const graph = g.graph([mul(g, mul(g, g.input('x', [2]), exp(g, kept)), exp(g, other))]);
  const folded = foldConstants(graph, { mayFold: ({ name }) => name !== kept.name });
  expect(folded.nodes.map(({ op }) => op)).toEqual(['Exp', 'Mul', 'Mul']);
  expect(folded.nodes[0]!.inputs[0]).toBe(kept);
});

test('constant folding: what a node says shorter than a table stays a node', () => {
  const g = new GraphBuilder();
  const large = g.add('ConstantOfShape', [g.constant([300, 300], 'int64')], { value: 1, type: 'float32' })[0]!;
  const graph = g.graph([add(g, g.input('x', [300, 300]), large)]);
  expect(foldConstants(graph)).toEqual(graph);
});

test('dead code: nodes and inputs that no output needs are left out, in order', () => {
  const g = new GraphBuilder();
  const [x, unread] = [g.input('x', [2]), g.input('unread', [2])];
  exp(g, unread);
  const y = add(g, exp(g, x), 1);
  exp(g, y);
  const { nodes, inputs } = removeDeadCode({ nodes: g.nodes, inputs: g.inputs, outputs: [y] });
  expect(nodes.map(({ op }) => op)).toEqual(['Exp', 'Add']);
  expect(inputs).toEqual([x]);
});

test('training nodes: what marks the end of a backward pass is gone, and outputs keep their names', () => {
  const g = new GraphBuilder();
  const x = g.input('x', [2]);
  const y = identity(g, reshape(g, exp(g, stopGradient(g, x)), [2]));
  const before = g.graph([y]);
  const after = removeTrainingNodes(before);
  expect(after.nodes.map(({ op }) => op)).toEqual(['Exp', 'Identity']);
  expect(after.outputs.map(({ name }) => name)).toEqual([y.name]);
  expect(evaluate(after, feeds)).toEqual(evaluate(before, feeds));
});
