/** @file `GET /models`: what this server can answer with. */
import { z } from 'zod';

export const modelInfoSchema = z.object({
  name: z.string(),
  version: z.string(),
  /** Answers requests that name no model. */
  default: z.boolean(),
  labels: z.array(z.string()),
  activation: z.enum(['softmax', 'sigmoid', 'none']),
  maxTokens: z.number(),
  created: z.string(),
  /** Review and block thresholds by label. */
  policy: z.record(z.string(), z.object({ review: z.number().nullable(), block: z.number().nullable() })),
  /** Figures by split name. */
  metrics: z.record(z.string(), z.looseObject({ macroF1: z.number(), accuracy: z.number() })),
  /** Where the bundle's files are served, for running it elsewhere; ends in a slash. */
  files: z.string(),
});

export const modelsResponseSchema = z.object({ models: z.array(modelInfoSchema) });

export type ModelInfo = z.infer<typeof modelInfoSchema>;
export type ModelsResponse = z.infer<typeof modelsResponseSchema>;
