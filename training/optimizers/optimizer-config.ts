import { z } from 'zod';
import { patternSchema } from './pattern.js';

const share = z.number().min(0).lt(1);
const decay = z.number().min(0);

const groupSchema = z
  .strictObject({
    /** Which parameters, by name. */
    match: patternSchema,
    /** The highest rate of these; or `rateFactor`, a multiple of that of the run. Either stands in the place of the layer's own. */
    learningRate: z.number().positive().optional(),
    rateFactor: z.number().min(0).optional(),
    /** Of these, biases and normalisation among them. */
    weightDecay: decay.optional(),
  })
  .refine(
    ({ learningRate, rateFactor }) => learningRate === undefined || rateFactor === undefined,
    'give learningRate or rateFactor, not both',
  );

export const optimizerSchema = z.strictObject({
  /** AdamW takes the decay from the weight, Adam adds it to the gradient (L2), where the moments see it. */
  kind: z.enum(['adamw', 'adam']).default('adamw'),
  beta1: share.default(0.9),
  beta2: share.default(0.999),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: decay.default(0.01),
  /** Parameters that do not decay, by name. Without it those of fewer than two dims do not: biases and normalisation. */
  noDecay: z.array(patternSchema).optional(),
  /** Each layer has the rate of the one above it times this, embeddings the lowest. */
  layerDecay: z.number().gt(0).max(1).default(1),
  /** The first that matches says how a parameter is trained. */
  groups: z.array(groupSchema).default([]),
  /** The gradient is scaled down to this global L2 norm; 0 turns clipping off. */
  clip: z.number().min(0).default(1),
});

export type OptimizerConfig = z.infer<typeof optimizerSchema>;
