/** @file `copydesk.json`: what a bundle is, beyond its files. Read by server, browser and command line alike. */
import { z } from 'zod';

/** Raise when a reader of the old schema would misread the new one. */
export const manifestVersion = 1;

const score = z.number().min(0).max(1);

/** Scores at or above which a label holds a text back; `null` where the label never does. */
export const labelPolicySchema = z.strictObject({ review: score.nullable(), block: score.nullable() });

export const policySchema = z.strictObject({
  /** By label. A label that is not named here never holds a text back. */
  labels: z.record(z.string(), labelPolicySchema),
});

export const fileSchema = z.strictObject({
  /** Relative to the bundle's folder, with forward slashes. */
  path: z.string().min(1),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** How far the exported file may be, and was, from the graph that was trained, on real texts. */
export const paritySchema = z.strictObject({
  texts: z.number().int().nonnegative(),
  maxLogitDifference: z.number().nonnegative(),
  labelAgreement: score,
  tolerance: z.number().positive(),
});

export const manifestSchema = z.strictObject({
  format: z.literal('copydesk-bundle'),
  schemaVersion: z.number().int().positive(),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i),
  /** Derived from the weights: the first 12 hex digits of the fp32 model's sha256, unless given. */
  version: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i),
  created: z.string(),
  /** The config of the architecture, as its own schema defines it. */
  architecture: z.looseObject({ kind: z.string() }),
  labels: z.array(z.string().min(1)).min(1),
  activation: z.enum(['softmax', 'sigmoid', 'none']),
  /** Logits are divided by it before the activation; fitted on val. */
  temperature: z.number().positive(),
  policy: policySchema,
  text: z.strictObject({ maxTokens: z.number().int().min(2) }),
  /** Model file by precision; `fp32` is always there. */
  models: z.strictObject({ fp32: z.string(), int8: z.string().optional(), fp16: z.string().optional() }),
  parity: z.record(z.string(), paritySchema),
  /** Figures by split name (`val`, `test`), as `copydesk evaluate --json` gives them. */
  metrics: z.record(z.string(), z.looseObject({ macroF1: z.number(), accuracy: z.number() })),
  data: z.strictObject({
    /** sha256 over the labelled lines of each split, in file order. */
    fingerprint: z.record(z.string(), z.string()),
    examples: z.record(z.string(), z.number().int().nonnegative()),
  }),
  license: z.string().optional(),
  notice: z.string().optional(),
  files: z.array(fileSchema),
});

export type LabelPolicy = z.infer<typeof labelPolicySchema>;
export type Policy = z.infer<typeof policySchema>;
export type BundleFile = z.infer<typeof fileSchema>;
export type Parity = z.infer<typeof paritySchema>;
export type Manifest = z.infer<typeof manifestSchema>;
