import { describe, expect, test } from 'vitest';
import type { Encoding } from '../../models/index.js';
import type { Example } from '../data/example.js';
import { createEpochs } from './epochs.js';

const examples: readonly Example[] = [
  { text: 'a', target: [1, 0] },
  { text: 'bb', target: [0, 1] },
  { text: 'ccc', target: [1, 0] },
];
let encoded = 0;
/** One id a letter, its length. */
const encode = async (rows: readonly Example[]): Promise<readonly Encoding[]> => {
  encoded += rows.length;
  return rows.map(({ text }) => ({ ids: [...text].map(() => text.length), types: [...text].map(() => 0), truncated: text.length > 2 }));
};
const data = (tensor: { readonly data: ArrayLike<number | bigint> } | undefined) => Array.from(tensor!.data, Number);

describe('without wordings of its own', () => {
  test('a pass is the file: padded ids, targets as rows, how many texts were cut', async () => {
    const epochs = await createEpochs({ examples, encode, padId: 9 });
    const epoch = await epochs.load(0);
    expect([epochs.size, epoch.lengths, epoch.truncated]).toEqual([3, [1, 2, 3], 1]);
    const { texts, tensors } = epoch.batch([1, 0]);
    expect(texts).toBe(2);
    expect(tensors.input_ids!.dims).toEqual([2, 2]);
    expect(data(tensors.input_ids)).toEqual([2, 2, 1, 9]);
    expect(data(tensors.attention_mask)).toEqual([1, 1, 1, 0]);
    expect(data(tensors.targets)).toEqual([0, 1, 1, 0]);
  });

  test('texts are encoded once, whatever the number of passes', async () => {
    encoded = 0;
    const epochs = await createEpochs({ examples, encode, padId: 0 });
    expect(await epochs.load(0)).toBe(await epochs.load(5));
    expect(encoded).toBe(3);
  });
});

test('where passes differ, each is made from its number alone', async () => {
  const vary = async (epoch: number) => [...examples, { text: 'd'.repeat(epoch + 1), target: [1, 0] }];
  const epochs = await createEpochs({ examples, vary, encode, padId: 0 });
  expect(epochs.size).toBe(4);
  expect((await epochs.load(3)).lengths).toEqual([1, 2, 3, 4]);
  expect((await epochs.load(0)).lengths).toEqual([1, 2, 3, 1]);
});

test('a further column stands beside the ids of the same rows', async () => {
  const epochs = await createEpochs({
    examples,
    encode,
    padId: 0,
    columns: [
      async (rows) => (chosen) => ({
        sizes: { type: 'float32', dims: [chosen.length], data: Float32Array.from(chosen, (row) => rows[row]!.text.length) },
      }),
    ],
  });
  const { tensors } = (await epochs.load(0)).batch([2, 0]);
  expect(data(tensors.sizes)).toEqual([3, 1]);
});
