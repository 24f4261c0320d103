import { describe, expect, test } from 'vitest';
import type { Example } from '../data/example.js';
import { augment, createAugmenter } from './augment.js';
import { type AugmentationConfig, augmentationSchema } from './augmentation-config.js';

const off = { replace: 0, insert: 0, swap: 0, delete: 0 };
const moment = { seed: 1, epoch: 0 };
const english = { language: 'en', mask: '[MASK]' } as const;
const config = (given: object): AugmentationConfig => augmentationSchema.parse(given);
const examples: readonly Example[] = Array.from({ length: 20 }, (_, i) => ({
  text: `The council of town ${i} opened a splendid bridge over the river, and people were happy.`,
  target: [1, 0],
}));

test('nothing asked for, nothing changed', async () => {
  expect(await augment(examples, config({}), { ...english, ...moment })).toEqual(examples);
});

describe('copies', () => {
  test('come after the examples, as many as asked for, with the same targets', async () => {
    const all = await augment(examples, config({ eda: { copies: 3, delete: 0 } }), { ...english, ...moment });
    expect(all).toHaveLength(80);
    expect(all.slice(0, 20)).toEqual(examples);
    for (const [at, { text, target }] of all.slice(20).entries()) {
      expect(target).toEqual([1, 0]);
      expect(text === examples[at % 20]!.text ? 'same' : 'other').toBe('other');
    }
  });

  test('hang on seed, epoch and place alone', async () => {
    const augmenter = await createAugmenter(config({ eda: {}, entities: {} }), english);
    const first = augmenter.augment(examples, moment);
    augmenter.augment(examples, { seed: 1, epoch: 1 });
    expect((await createAugmenter(config({ eda: {}, entities: {} }), english)).augment(examples, moment)).toEqual(first);
    expect(augmenter.augment(examples, { seed: 1, epoch: 1 })).not.toEqual(first);
    expect(augmenter.augment(examples, { seed: 2, epoch: 0 })).not.toEqual(first);
  });

  test('rewording gives one for one', async () => {
    const { reword } = await createAugmenter(config({ eda: { copies: 4 } }), english);
    const others = reword(examples, moment);
    expect(others).toHaveLength(20);
    expect(others.filter(({ text }, i) => text !== examples[i]!.text).length).toBeGreaterThan(15);
  });

  test('further augmenters have the last word, with their own random numbers', async () => {
    const further = [(<T extends { text: string }>(example: T, random: { below(limit: number): number }) => [{ ...example, text: `${example.text} ${random.below(1e9)}` }])]; // biome-ignore format: one line
    const all = (await createAugmenter(config({}), { ...english, further })).augment(examples, moment);
    expect(all).toHaveLength(40);
    expect(new Set(all.slice(20).map(({ text }) => text.split(' ').at(-1))).size).toBe(20);
  });
});

test('both texts of a pair are worded anew', async () => {
  const { reword } = await createAugmenter(config({ eda: { ...off, replace: 0.5 } }), english);
  const [pair] = reword([{ text: 'sad stories', pair: 'happy people' }], moment);
  expect(pair!.text).not.toBe('sad stories');
  expect(pair!.pair).not.toBe('happy people');
});

test('pairs come the other way round as often as asked for', async () => {
  const pairs = Array.from({ length: 400 }, (_, i) => ({ text: `a${i}`, pair: `b${i}`, target: [1] }));
  const all = await augment(pairs, config({ swapPair: { probability: 0.25 } }), { ...english, ...moment });
  expect(all).toHaveLength(400);
  const swapped = all.filter(({ text }) => text.startsWith('b')).length;
  expect(Math.abs(swapped - 100)).toBeLessThan(25);
});

test('refused: words of a language that is not known; keys and shares that cannot be', async () => {
  const options = { language: undefined, mask: '[MASK]' };
  await expect(createAugmenter(config({ eda: {} }), options)).rejects.toThrow(/augmentation\.eda: the texts are neither.*Fix: take/);
  await expect(createAugmenter(config({ entities: {} }), options)).rejects.toThrow(/augmentation\.entities.*Fix:/);
  await expect(createAugmenter(config({ swapPair: {} }), options)).resolves.toBeDefined();
  expect(() => config({ eda: { replace: 1.5 } })).toThrow(/replace/);
  expect(() => config({ entities: { probability: 0.6 } })).toThrow(/probability/);
  expect(() => config({ edda: {} })).toThrow(/edda/);
});
