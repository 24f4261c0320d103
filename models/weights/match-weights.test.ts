import { expect, test } from 'vitest';
import type { Tensor } from '../runtime/session.js';
import { matchWeights } from './match-weights.js';

const tensor = (...dims: number[]): Tensor => ({ type: 'float32', dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) });
const expected = [
  { name: 'bert.embeddings.LayerNorm.weight', shape: [4] },
  { name: 'bert.encoder.layer.0.output.dense.weight', shape: [4, 8] },
  { name: 'classifier.weight', shape: [2, 4] },
];

test('weights are found with the prefix and without it', () => {
  const bare = new Map([
    ['embeddings.LayerNorm.weight', tensor(4)],
    ['encoder.layer.0.output.dense.weight', tensor(4, 8)],
  ]);
  const prefixed = new Map([...bare].map(([name, value]) => [`bert.${name}`, value] as const));
  for (const given of [bare, prefixed]) {
    const { weights, missing, unused, mismatched } = matchWeights(expected, given);
    expect([...weights.keys()]).toEqual(expected.slice(0, 2).map(({ name }) => name));
    expect({ missing, unused, mismatched }).toEqual({ missing: ['classifier.weight'], unused: [], mismatched: [] });
  }
});

test('a model without a prefix finds weights that have one', () => {
  const { weights } = matchWeights([{ name: 'pooler.bias', shape: [4] }], new Map([['bert.pooler.bias', tensor(4)]]));
  expect([...weights.keys()]).toEqual(['pooler.bias']);
});

test('gamma and beta of the first BERT are weight and bias', () => {
  const gamma = tensor(4);
  const { weights, unused } = matchWeights(expected, new Map([['bert.embeddings.LayerNorm.gamma', gamma]]));
  expect(weights.get('bert.embeddings.LayerNorm.weight')).toBe(gamma);
  expect(unused).toEqual([]);
});

test('what nothing wanted is named, but not the position ids that old files carry', () => {
  const given = new Map([
    ['bert.embeddings.position_ids', tensor(1, 512)],
    ['cls.predictions.bias', tensor(9)],
  ]);
  expect(matchWeights(expected, given).unused).toEqual(['cls.predictions.bias']);
});

test('a weight of another shape is named with both shapes and is not used', () => {
  const { weights, mismatched, missing } = matchWeights(expected, new Map([['classifier.weight', tensor(3, 4)]]));
  expect(mismatched).toEqual([{ name: 'classifier.weight', expected: [2, 4], given: [3, 4] }]);
  expect(weights.has('classifier.weight')).toBe(false);
  expect(missing).not.toContain('classifier.weight');
});
