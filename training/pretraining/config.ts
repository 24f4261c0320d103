/** @file What a person writes to pre-train: one JSON file, checked whole before anything is read. */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { fieldsSchema } from '../data/fields.js';
import { languages } from '../data/language/language.js';
import { nameSchema, textSchema, trainingSchema } from '../trainer/config.js';
import { isPretrained } from '../trainer/model-config.js';
import { parseBy } from '../trainer/parse-config.js';
import { maskingSchema } from './masking.js';
import { type LanguageModelKeys, languageModelSchema } from './model.js';
import { checkMasking } from './objectives.js';

const path = z.string().min(1);
const paths = z.union([path, z.array(path).min(1)], { error: 'give a path, or a list of paths' });

const dataSchema = z.strictObject({
  /** Texts to learn from; labels are not looked at. Several files are read one after another. */
  texts: paths,
  /** Texts that must not be learnt from, such as those that a classifier will be tested on: they are left out of `texts`. */
  heldOut: paths.optional(),
  /** Share of the texts by which the weights are chosen. */
  val: z.number().gt(0).max(0.5).default(0.05),
  /** What the files call `text` and `pair`. */
  fields: fieldsSchema.pick({ text: true, pair: true }).prefault({}),
  /** What finds whole words. Default: by the letters of the first texts. */
  language: z.enum(languages).optional(),
});

export const pretrainConfigSchema = z.strictObject({
  name: nameSchema,
  data: dataSchema,
  model: languageModelSchema.prefault({}),
  text: textSchema.prefault({}),
  /** Only where words are masked. */
  masking: maskingSchema.optional(),
  training: trainingSchema.omit({ metric: true, trainOnly: true, frozenDropout: true }).extend({
    /** Passes over the texts; in each of them other words are masked. */
    epochs: z.number().int().positive().default(20),
    /** Default 1e-4 from pre-trained weights, 1e-3 from scratch. */
    learningRate: z.number().positive().optional(),
  }).prefault({}),
}); // biome-ignore format: as one

type Parsed = z.infer<typeof pretrainConfigSchema>;
/** With every default filled in. */
export type PretrainConfig = Omit<Parsed, 'training' | 'model'> & {
  readonly model: LanguageModelKeys;
  readonly training: Parsed['training'] & { readonly learningRate: number };
};

/**
 * The config in `text`, defaults filled in, paths made absolute from the folder of `path`.
 *
 * @param overrides values by dotted key (`training.epochs`), as given after `--set`
 * @throws UsageError `config/invalid` that names the key, and for an unknown key the nearest known one
 */
export function parsePretrainConfig(text: string, path: string, overrides: Readonly<Record<string, unknown>> = {}): PretrainConfig {
  const { model, training, data, ...parsed } = parseBy(
    { schema: pretrainConfigSchema, example: 'docs/pretrain.md' },
    text,
    path,
    overrides,
  );
  const at = (one: string) => resolve(dirname(resolve(path)), one);
  const all = (some: string | readonly string[]) => (typeof some === 'string' ? [some] : some).map(at);
  return {
    ...parsed,
    data: { ...data, texts: all(data.texts), ...(data.heldOut ? { heldOut: all(data.heldOut) } : {}) },
    model: { ...model, ...(model.pretrained ? { pretrained: at(model.pretrained) } : {}) },
    ...checkMasking(model.kind, parsed.masking),
    training: { ...training, learningRate: training.learningRate ?? (isPretrained(model) ? 1e-4 : 1e-3) },
  };
}
