/** @file How the texts of train differ from pass to pass, and how unlabelled ones are worded anew. */

import { createAugmenter } from '../augmentation/augment.js';
import { augmentationSchema } from '../augmentation/augmentation-config.js';
import type { Dataset } from '../data/dataset.js';
import type { Example, Unlabelled } from '../data/example.js';
import { trainingExamples } from '../data/training-examples.js';
import type { TrainConfig } from './config.js';

export type Variation = {
  /** What training sees of train before any wording: both orders of pairs, rare labels repeated. */
  readonly examples: readonly Example[];
  /** The same as a pass words it; `undefined` where all passes are alike. */
  readonly vary: ((epoch: number) => Promise<readonly Example[]>) | undefined;
  /** Unlabelled texts in other words, one for one. */
  readonly reword: (texts: readonly Unlabelled[], step: number) => Promise<readonly Unlabelled[]>;
};

/** @param mask the tokenizer's token for a word that is hidden */
export async function variation(
  { data, augmentation, objective, training }: TrainConfig,
  { splits, language }: Dataset,
  mask: string,
): Promise<Variation> {
  const { seed } = training;
  const examples = trainingExamples(splits.train, data, seed);
  const worded = Object.values(augmentation).some((part) => part !== undefined);
  const augmenter = worded ? await createAugmenter(augmentation, { language, mask }) : undefined;
  return {
    examples,
    vary: augmenter && (async (epoch) => augmenter.augment(examples, { seed, epoch })),
    reword: objective.uda ? await rewordings(objective.uda, examples, { language, mask, seed }) : async (texts) => texts,
  };
}

type Uda = NonNullable<TrainConfig['objective']['uda']>;
type Words = { readonly language: Parameters<typeof createAugmenter>[1]['language']; readonly mask: string; readonly seed: number };

async function rewordings({ wording }: Uda, examples: readonly Example[], { seed, ...words }: Words): Promise<Variation['reword']> {
  const chosen = wording ?? (examples.some(({ pair }) => pair !== undefined) ? 'swap' : 'eda');
  const config = augmentationSchema.parse(wordings[chosen]);
  const augmenter = await createAugmenter(config, words);
  return async (texts, step) => augmenter.reword(texts, { seed, epoch: step });
}

const wordings: { readonly [W in NonNullable<Uda['wording']>]: object } = { eda: { eda: {} }, swap: { swapPair: { probability: 1 } } };
