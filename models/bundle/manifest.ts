/** @file `copydesk.json`: what a bundle is, beyond its files. Read by server, browser and command line alike. */
import { z } from 'zod';
import { scoreBins } from './score-counts.js';

/** Raise when a reader of the old schema would misread the new one. */
export const manifestVersion = 1;

const score = z.number().min(0).max(1);

/** Scores at or above which a label holds a text back; `null` where the label never does. */
export const labelPolicySchema = z.strictObject({ review: score.nullable(), block: score.nullable() });

export const policySchema = z.strictObject({
  /** By label. A label that is not named here never holds a text back. */
  labels: z.record(z.string(), labelPolicySchema),
});

const figure = z.number().nullable();

/** Figures on one split, as `copydesk evaluate --json` gives them; `null` where a figure is not defined. */
export const figuresSchema = z.union([
  z.looseObject({ task: z.literal('regression'), pearson: figure, spearman: figure, mse: figure, mae: figure }),
  /** Without a task in bundles that are older than multi-label. */
  z.looseObject({
    task: z.enum(['single-label', 'multi-label']).optional(),
    macroF1: figure,
    accuracy: figure,
    /** By label, how many scores lie in each tenth of 0..1: what drift is measured from. Absent in older bundles. */
    scoreCounts: z.record(z.string(), z.array(z.number().int().nonnegative()).length(scoreBins)).optional(),
  }),
]);

/** How a text, or a pair of texts, is read. */
export const textRulesSchema = z.strictObject({
  /** Tokens read of each text, special ones included. */
  maxTokens: z.number().int().min(2),
  /** What the model was trained on, and so what it may be asked: single texts, pairs, or either. Bundles older than this key do not say. */
  input: z.enum(['single', 'pair', 'any']).default('any'),
  /** `both-orders`: a pair is read as (a, b) and as (b, a), and the logits are averaged. */
  pairs: z.enum(['as-given', 'both-orders']).default('as-given'),
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
  /** How far a logit may be off: of fp32 from the trained graph; of a file that rounds from what it answered itself, when it is asked again elsewhere. */
  tolerance: z.number().positive(),
  /** Of a file that rounds: what it may lose, and a figure on the same texts, of the trained graph and of the file: macro F1, or of a regression its correlation. */
  accuracy: z
    .strictObject({ figure: z.string(), trained: figure, exported: figure, mostLost: z.number().positive(), leastAgreement: score })
    .optional(),
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
  /** Of a regression, the names of its values. */
  labels: z.array(z.string().min(1)).min(1),
  activation: z.enum(['softmax', 'sigmoid', 'none']),
  /** Logits are divided by it before the activation; fitted on val. */
  temperature: z.number().positive(),
  policy: policySchema,
  /** Multi-label: score from which a label is given, fitted on val. .5 for a label that is not named here. */
  thresholds: z.record(z.string(), score).optional(),
  text: textRulesSchema,
  /** Model file by precision; `fp32` is always there. */
  models: z.strictObject({ fp32: z.string(), int8: z.string().optional(), fp16: z.string().optional() }),
  /** By precision: how far its answers are from those of the trained graph. */
  parity: z.record(z.string(), paritySchema),
  /** By precision: what was done to the graph before it was written, in order. */
  passes: z.record(z.string(), z.array(z.string())).optional(),
  /** The graph that attributes an answer to its tokens; it reads the weights of the fp32 file, which must lie beside it. */
  explain: z.string().optional(),
  /** What the head reads of a text, whose weights lie in the fp32 file too, and one step of fine-tuning that head of so many numbers. */
  personalise: z.strictObject({ features: z.string(), step: z.string(), parameters: z.number().int().positive() }).optional(),
  /** Figures by split name (`val`, `test`). */
  metrics: z.record(z.string(), figuresSchema),
  data: z.strictObject({
    /** sha256 over the labelled lines of each split, in file order. */
    fingerprint: z.record(z.string(), z.string()),
    examples: z.record(z.string(), z.number().int().nonnegative()),
    /** Labels of the data that were learnt under another name: labelled files are read with it again. */
    rename: z.record(z.string(), z.string()).optional(),
    /** Texts of val and test that also stood, without labels, among what the model was trained on: figures on them flatter it. */
    transductive: z.strictObject({ count: z.number().int(), val: z.number().int(), test: z.number().int() }).optional(),
  }),
  /** Of a model that was trained elsewhere: what it was there, and the sha256 of its weights. */
  origin: z.strictObject({ modelType: z.string(), weights: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
  license: z.string().optional(),
  notice: z.string().optional(),
  files: z.array(fileSchema),
});

export type LabelPolicy = z.infer<typeof labelPolicySchema>;
export type Policy = z.infer<typeof policySchema>;
export type Figures = z.infer<typeof figuresSchema>;
export type TextRules = z.infer<typeof textRulesSchema>;
export type BundleFile = z.infer<typeof fileSchema>;
export type Parity = z.infer<typeof paritySchema>;
export type Precision = keyof Manifest['models'];
export type Manifest = z.infer<typeof manifestSchema>;
