/** @file What a policy file may say. Defaults are here and nowhere else. */
import { z } from 'zod';

const share = z.number().gt(0).max(1);

/** Evidence for a number that was fitted: what it came to on the texts it was fitted on. */
export const fittedSchema = z.strictObject({
  /** NAME@VERSION of the model, and the file of labelled texts. */
  model: z.string(),
  data: z.string(),
  /** Texts in the file, and how many of them have the label. */
  texts: z.number().int().nonnegative(),
  positives: z.number().int().nonnegative(),
  /** Texts at or above the threshold, and how many of them have the label. */
  held: z.number().int().nonnegative(),
  right: z.number().int().nonnegative(),
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  /** Wilson's 95 % interval of what was asked for, precision or recall: low, high. */
  interval: z.tuple([z.number(), z.number()]),
});

/** A threshold that is, or is to be, fitted: what is wanted of it, and once `copydesk policy fit` has seen labelled texts, the number. */
export const fittedThresholdSchema = z
  .strictObject({
    /** Share of the held texts that must really have the label. */
    precision: share.optional(),
    /** Share of the texts with the label that must be held. */
    recall: share.optional(),
    /** With `precision`: held texts that it takes to believe it. */
    support: z.number().int().positive().optional(),
    /** Of a regression: the true value from which on a text counts as one to hold. */
    truth: z.number().optional(),
    at: z.number().optional(),
    fitted: fittedSchema.optional(),
  })
  .refine(
    ({ precision, recall, at }) => (precision !== undefined && recall !== undefined ? false : (precision ?? recall ?? at) !== undefined),
    {
      error: 'expected one of precision and recall, or the number itself as at',
    },
  );

/** Score, or value of a regression, at or above which a text is held; `null`: never. */
const thresholdSchema = z.union([z.number(), z.null(), fittedThresholdSchema], {
  error: 'expected a number, null, {"precision": …} or {"recall": …}',
});

/** What is left out stays as the bundle has it. */
export const labelThresholdsSchema = z.strictObject({ review: thresholdSchema.optional(), block: thresholdSchema.optional() });

export const listSchema = z
  .strictObject({
    /** What a word of the list does. `allow`: words of other lists that lie wholly inside it do not count. */
    action: z.enum(['block', 'allow', 'review']),
    /** Languages of the texts that the list is for, as in `en` or `["en", "de"]`; `*`: all. */
    language: z
      .union([languageTag(), z.array(languageTag()).min(1), z.literal('*')], {
        error: 'expected a language such as en, a list of them, or *',
      })
      .default('*'),
    words: z.array(z.string()).optional(),
    /** A text file with a word a line, seen from the folder of the policy. */
    file: z.string().min(1).optional(),
    /** `words`: whole words only. `anywhere`: inside other words too. */
    match: z.enum(['words', 'anywhere']).default('words'),
    /** With `allow`: what a word of it stands against. `words`: only words of other lists. `review`: the model's review too. `block`: its block too. */
    overrides: z.enum(['words', 'review', 'block']).default('words'),
  })
  .refine(({ words, file }) => (words === undefined) !== (file === undefined), { error: 'expected either words or file' })
  .refine(({ action, overrides }) => action === 'allow' || overrides === 'words', {
    error: 'overrides is for lists whose action is allow',
  });

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, { error: 'expected letters, digits, dot, dash and underscore' });

/** By model (NAME, or NAME@VERSION, which goes before NAME), then by label. */
export const thresholdsSchema = z.record(z.string().min(1), z.record(z.string().min(1), labelThresholdsSchema));

/** What a variant may say otherwise. */
const variantSchema = z.strictObject({
  /** Laid over the thresholds of the file, label by label. */
  thresholds: thresholdsSchema.default({}),
  /** Names of the lists that count. Default: those of the file. */
  use: z.array(z.string()).optional(),
  /** Default: as the file has it. */
  observe: z.boolean().optional(),
});

export const policyFileSchema = z.strictObject({
  name: name.default('policy'),
  thresholds: thresholdsSchema.default({}),
  lists: z.record(name, listSchema).default({}),
  /** Names of the lists that count. Default: all. */
  use: z.array(z.string()).optional(),
  /** Whether everything is published, with what would have been decided beside it. */
  observe: z.boolean().default(false),
  variants: z.record(name, variantSchema).default({}),
  /** Which variant holds for which client, by its id. */
  clients: z.record(z.string().min(1), z.string()).default({}),
  /** What other services' clients call the labels, as in `{ "TOXICITY": "toxic" }`. */
  attributes: z.record(z.string().min(1), z.string()).default({}),
});

export type PolicyFile = z.infer<typeof policyFileSchema>;
export type Thresholds = z.infer<typeof thresholdsSchema>;
export type Threshold = z.infer<typeof thresholdSchema>;
export type FittedThreshold = z.infer<typeof fittedThresholdSchema>;
export type Fitted = z.infer<typeof fittedSchema>;
export type ListSettings = z.infer<typeof listSchema>;

/** A primary language, as BCP 47 has it: scripts and regions say nothing about which words are meant. */
function languageTag() {
  return z.string().regex(/^[a-z]{2,3}$/, { error: 'expected a language such as en' });
}
