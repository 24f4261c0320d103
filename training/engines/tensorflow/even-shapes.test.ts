import { expect, test } from 'vitest';
import { tensorOf, type Value } from '../../../models/index.js';
import { evened, evenLength, padded, planShapes } from './even-shapes.js';

const text = (name: string, tokens = 'tokens', rows = 'batch'): Value => ({ name, shape: [rows, tokens], type: 'int64' });
const targets: Value = { name: 'targets', shape: ['batch', 2], type: 'float32' };
const mask: Value = { name: 'dropout.0', shape: ['batch', 2, 'tokens', 'tokens'], type: 'float32' };

test('lengths are multiples of 8 up to 32, then two for each doubling, and none is longer than the longest text', () => {
  const lengths = Array.from({ length: 300 }, (_, i) => evenLength(i + 1, 512));
  expect([...new Set(lengths)]).toEqual([8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384]);
  expect(lengths.every((length, i) => length >= i + 1)).toBe(true);
  expect([evenLength(70, 80), evenLength(90, 80)]).toEqual([80, 90]);
});

test('texts, their masks and dropout over them are made longer; the rest stays', () => {
  const inputs = [text('input_ids'), text('attention_mask'), targets, mask];
  const plan = planShapes(inputs, new Set(['dropout.0']))!;
  const feeds = {
    input_ids: tensorOf('int64', [1, 3], [5, 6, 7]),
    attention_mask: tensorOf('int64', [1, 3], [1, 1, 1]),
    targets: tensorOf('float32', [1, 2], [1, 0]),
    'dropout.0': tensorOf(
      'float32',
      [1, 2, 3, 3],
      Array.from({ length: 18 }, (_, i) => i + 1),
    ),
  };
  const even = evened(inputs, feeds, plan, { rows: 1, longest: 5, padId: 9 });
  expect(even.input_ids).toEqual(tensorOf('int64', [1, 5], [5, 6, 7, 9, 9]));
  expect(even.attention_mask).toEqual(tensorOf('int64', [1, 5], [1, 1, 1, 0, 0]));
  expect(even.targets).toBe(feeds.targets);
  const first = [[1, 2, 3, 0, 0], [4, 5, 6, 0, 0], [7, 8, 9, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]].flat(); // biome-ignore format: a matrix
  const second = [[10, 11, 12, 0, 0], [13, 14, 15, 0, 0], [16, 17, 18, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]].flat(); // biome-ignore format: a matrix
  expect(even['dropout.0']).toEqual(tensorOf('float32', [1, 2, 5, 5], [...first, ...second]));
});

test('a tensor that is long enough is not copied', () => {
  const tensor = tensorOf('float32', [2, 2], [1, 2, 3, 4]);
  expect(padded(tensor, [2, 2], 0)).toBe(tensor);
  expect(padded(tensor, [3, 2], 0)).toEqual(tensorOf('float32', [3, 2], [1, 2, 3, 4, 0, 0]));
});

test('unlabelled texts have rows and lengths of their own', () => {
  const plan = planShapes([text('input_ids'), text('augmented_ids', 'augmentedTokens', 'unlabelled')], new Set())!;
  expect([[...plan.rows], [...plan.tokens]]).toEqual([
    ['batch', 'unlabelled'],
    ['tokens', 'augmentedTokens'],
  ]);
});

test.each<[string, Value]>([
  ['places in a text, as many as there are', { name: 'places', shape: ['predictions'], type: 'int64' }],
  ['states of tokens', { name: 'states', shape: ['batch', 'tokens', 8], type: 'float32' }],
])('with %s there are no few shapes', (_, input) => {
  expect(planShapes([text('input_ids'), input], new Set())).toBeUndefined();
});
