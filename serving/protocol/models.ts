/** @file `GET /models`: what this server can answer with. */
import { z } from 'zod';
import { figuresSchema, textRulesSchema } from '../../models/index.js';

export const modelInfoSchema = z.object({
  name: z.string(),
  version: z.string(),
  /** Answers requests that name no model. */
  default: z.boolean(),
  labels: z.array(z.string()),
  activation: z.enum(['softmax', 'sigmoid', 'none']),
  /** Of the model file that runs. */
  precision: z.enum(['fp32', 'int8', 'fp16']).default('fp32'),
  /** Tokens that are read, whether it wants single texts or pairs, and whether pairs are read in both orders. */
  ...textRulesSchema.shape,
  created: z.string(),
  /** Multi-label: score from which each label is given. */
  thresholds: z.record(z.string(), z.number()).optional(),
  /** Review and block thresholds by label. */
  policy: z.record(z.string(), z.object({ review: z.number().nullable(), block: z.number().nullable() })),
  /** Figures by split name. */
  metrics: z.record(z.string(), figuresSchema),
  /** Where the bundle's files are served, for running it elsewhere; ends in a slash. */
  files: z.string(),
});

export const modelsResponseSchema = z.object({ models: z.array(modelInfoSchema) });

export type ModelInfo = z.infer<typeof modelInfoSchema>;
export type ModelsResponse = z.infer<typeof modelsResponseSchema>;
