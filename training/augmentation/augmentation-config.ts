/** @file The `augmentation` part of a training config. */
import { z } from 'zod';

const share = z.number().min(0).max(1);
const alpha = share.default(0.1);

/** Easy data augmentation (Wei and Zou, 2019): each copy of a text goes through one of the four operations, which the seed chooses. */
export const edaSchema = z.strictObject({
  /** Copies of each text beside the text itself, other ones in each epoch. */
  copies: z.number().int().min(1).default(1),
  /** Share of a text's words that a synonym takes the place of; 0: never. */
  replace: alpha,
  /** Share of a text's words that as many synonyms are added to. */
  insert: alpha,
  /** Share of a text's words that change places. */
  swap: alpha,
  /** How probably each word is left out. */
  delete: alpha,
});

/** As ENDEF does it: half of the texts lose some of their names, half lose some of their words. */
export const entityAugmentationSchema = z.strictObject({
  /** How probably a name, or a word, is masked; and how probably it is taken out. */
  probability: z.number().min(0).max(0.5).default(0.1),
});

export const augmentationSchema = z.strictObject({
  eda: edaSchema.optional(),
  entities: entityAugmentationSchema.optional(),
  /** How probably a pair comes the other way round. */
  swapPair: z.strictObject({ probability: share.default(0.5) }).optional(),
});

export type EdaConfig = z.infer<typeof edaSchema>;
export type EntityAugmentationConfig = z.infer<typeof entityAugmentationSchema>;
export type AugmentationConfig = z.infer<typeof augmentationSchema>;
