import { expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { linear } from '../layers/linear.js';
import { Scope } from '../layers/scope.js';
import type { Tensor } from '../runtime/session.js';
import { fromStored, storedShapes, toStored } from './stored-weights.js';

const root = Scope.root(new GraphBuilder());
linear(root.at('head'), root.graph.input('x', ['batch', 3]), { inputs: 3, outputs: 2 });
const stored = new Map<string, Tensor>([
  ['head.weight', { type: 'float32', dims: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ['head.bias', { type: 'float32', dims: [2], data: Float32Array.of(7, 8) }],
]);

test('files hold a linear weight as [outputs, inputs]', () => {
  expect(storedShapes(root.parameters)).toEqual([
    { name: 'head.weight', shape: [2, 3] },
    { name: 'head.bias', shape: [2] },
  ]);
});

test('the graph has it as [inputs, outputs], and back again nothing has changed', () => {
  const own = fromStored(root.parameters, stored);
  expect(own.get('head.weight')).toEqual({ type: 'float32', dims: [3, 2], data: Float32Array.of(1, 4, 2, 5, 3, 6) });
  expect(own.get('head.bias')).toBe(stored.get('head.bias'));
  expect(toStored(root.parameters, own)).toEqual(stored);
});

test('what is no parameter is left out', () => {
  const more = new Map([...stored, ['other', stored.get('head.bias')!] as const]);
  expect([...fromStored(root.parameters, more).keys()]).toEqual(['head.weight', 'head.bias']);
});
