/** @file `run.json`: what a finished training run is. Training writes it, export and evaluation read it. */
import { z } from 'zod';
import { manifestSchema } from '../bundle/manifest.js';

/** Raise when a reader of the old schema would misread the new one. */
export const runVersion = 1;

/** What a run hands on to its bundle unchanged. */
const handedOn = manifestSchema.pick({
  name: true,
  created: true,
  architecture: true,
  labels: true,
  activation: true,
  temperature: true,
  policy: true,
  thresholds: true,
  text: true,
  data: true,
  metrics: true,
  origin: true,
  license: true,
  notice: true,
});

export const runSchema = handedOn.extend({
  format: z.literal('copydesk-run'),
  schemaVersion: z.number().int().positive(),
  best: z.strictObject({
    step: z.number().int().nonnegative(),
    /** The metric that chose it, and its value on val. */
    metric: z.string(),
    value: z.number(),
    /** Relative to the run's folder. */
    file: z.string(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});

/** One text of val with the logits that the trained graph gave it. */
export const predictionSchema = z.strictObject({
  text: z.string(),
  pair: z.string().optional(),
  /** What was right, a number a label: 1 for the label and 0 for the others, or the values of a regression. */
  target: z.array(z.number()),
  logits: z.array(z.number()),
});

export type Run = z.infer<typeof runSchema>;
export type Prediction = z.infer<typeof predictionSchema>;
