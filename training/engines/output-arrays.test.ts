import { expect, test } from 'vitest';
import type { Value } from '../../models/index.js';
import { boundShape } from './bind-sizes.js';
import { OutputArrays } from './output-arrays.js';

const rows: Value = { name: 'rows', shape: ['batch', 3], type: 'float32' };

test('an output has one array, of which each run uses as much as it has to write', () => {
  const arrays = new OutputArrays();
  const [large, small, larger] = [4, 2, 8].map((batch) => arrays.tensorFor(rows, { batch })!);
  expect([large!, small!, larger!].map(({ dims, data }) => [dims, data.length])).toEqual([
    [[4, 3], 12],
    [[2, 3], 6],
    [[8, 3], 24],
  ]);
  expect(small!.data.buffer).toBe(large!.data.buffer);
  expect(larger!.data.buffer).not.toBe(large!.data.buffer);
});

test('ids are 64 bits wide; what only the runtime can size, and other types, have no place', () => {
  const arrays = new OutputArrays();
  expect(arrays.tensorFor({ ...rows, type: 'int64' }, { batch: 1 })!.data).toBeInstanceOf(BigInt64Array);
  expect(arrays.tensorFor(rows, {})).toBeUndefined();
  expect(arrays.tensorFor({ ...rows, type: 'bool' }, { batch: 1 })).toBeUndefined();
});

test('a product of named dims is bound by its factors', () => {
  expect(boundShape(['batch*tokens*2', 3], { batch: 4, tokens: 5 })).toEqual([40, 3]);
  expect(boundShape(['batch*tokens'], { batch: 4 })).toBeUndefined();
  expect(boundShape([], {})).toEqual([]);
});
