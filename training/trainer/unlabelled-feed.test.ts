import { describe, expect, test } from 'vitest';
import type { Unlabelled } from '../data/example.js';
import { createUnlabelledFeed } from './unlabelled-feed.js';

const texts: readonly Unlabelled[] = Array.from({ length: 6 }, (_, i) => ({ text: String.fromCharCode(97 + i) }));
const encode = async (some: readonly Unlabelled[]) =>
  some.map(({ text }) => ({ ids: [...text].map((letter) => letter.charCodeAt(0)), types: [], truncated: false }));
/** Says the text and the step. */
const reword = async (some: readonly Unlabelled[], step: number) => some.map(({ text }) => ({ text: `${text}${step}` }));
const feed = () => createUnlabelledFeed({ texts, reword, encode, padId: 0, labelledBatch: 2, ratio: 1.5, bucketMultiplier: 2, seed: 4 });
const ids = ({ data }: { readonly data: ArrayLike<number | bigint> }) => Array.from(data, Number);

describe('unlabelled texts beside the labelled ones', () => {
  test('come in the ratio asked for, as they are and in other words, row by row', async () => {
    const { batchSize, tensors } = feed();
    expect(batchSize).toBe(3);
    const { original_ids, augmented_ids, original_mask } = await tensors({ step: 0, part: 0, parts: 1 });
    expect(original_ids!.dims).toEqual([3, 1]);
    expect(augmented_ids!.dims).toEqual([3, 2]);
    expect(ids(augmented_ids!).filter((_, i) => i % 2 === 0)).toEqual(ids(original_ids!));
    expect(ids(augmented_ids!).filter((_, i) => i % 2 === 1)).toEqual([48, 48, 48]); // "0", the step
    expect(ids(original_mask!)).toEqual([1, 1, 1]);
  });

  test('each comes once a pass, and passes follow each other without end', async () => {
    const { tensors } = feed();
    const pass = async (from: number) => {
      const batches = await Promise.all([0, 1].map((step) => tensors({ step: from + step, part: 0, parts: 1 })));
      return batches.flatMap(({ original_ids }) => ids(original_ids!));
    };
    const all = texts.map(({ text }) => text.charCodeAt(0));
    const [first, second] = [await pass(0), await pass(2)];
    expect(first.toSorted((a, b) => a - b)).toEqual(all);
    expect(second.toSorted((a, b) => a - b)).toEqual(all);
    expect(second).not.toEqual(first);
  });

  test('hang on the step alone: a run that goes on sees what it would have seen', async () => {
    const [one, other] = [feed(), feed()];
    await one.tensors({ step: 0, part: 0, parts: 1 });
    expect(await one.tensors({ step: 5, part: 0, parts: 1 })).toEqual(await other.tensors({ step: 5, part: 0, parts: 1 }));
  });

  test('are shared out among the parts of a step', async () => {
    const { tensors } = feed();
    const whole = ids((await tensors({ step: 1, part: 0, parts: 1 })).original_ids!);
    const parts = await Promise.all([0, 1].map((part) => tensors({ step: 1, part, parts: 2 })));
    expect(parts.flatMap(({ original_ids }) => ids(original_ids!))).toEqual(whole);
  });
});
