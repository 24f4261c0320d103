/** @file The `data` part of a training config. */
import { z } from 'zod';

export const dataSchema = z
  .strictObject({
    /** Labelled texts to learn from. Paths are taken from the folder of the config. */
    train: z.string().min(1),
    /** Texts to choose, calibrate and set thresholds by. Without it a part of train is set aside. */
    val: z.string().min(1).optional(),
    /** Texts that are only looked at once, at the end. */
    test: z.string().min(1).optional(),
    /** How val is set aside when there is no file of it: label by label, by the seed. */
    split: z.strictObject({ val: z.number().gt(0).lt(1).default(0.1), seed: z.number().int().default(1) }).optional(),
    /** All labels, in the order of the model's outputs. Default: those in train, in alphabetical order. */
    labels: z.array(z.string().min(1)).min(2).optional(),
  })
  .refine(({ val, split }) => !(val && split), { message: 'give val (a file) or split (a share of train), not both', path: ['split'] });

export type DataConfig = z.infer<typeof dataSchema>;
