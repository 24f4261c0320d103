/** @file The `model` part of a training config: any architecture, its sizes left out where the vocabulary or pre-trained weights say them. */
import { z } from 'zod';
import { type ArchitectureConfig, architectureSchema } from '../../models/index.js';

type Kind = ArchitectureConfig['kind'];

/** What every kind of model takes besides its own keys. */
export const startKeys = {
  /** A folder as Hugging Face saves it: config.json, tokenizer.json, model.safetensors; also what `copydesk pretrain` writes. */
  pretrained: z.string().min(1).optional(),
  /** Word pieces kept of the pre-trained vocabulary: `used` keeps those of the training texts, a number the most frequent of them. */
  keepTokens: z.union([z.literal('used'), z.number().int().positive()]).optional(),
  /** `words`: of the pre-trained model its tokenizer and its word vectors alone, cut to `width`; sizes are then the config's own. */
  take: z.enum(['all', 'words']).optional(),
};

/** Whether all but the head was trained before: such a model needs smaller steps, and fewer. */
export const isPretrained = ({ pretrained, take }: z.infer<z.ZodObject<typeof startKeys>>): boolean =>
  pretrained !== undefined && take !== 'words';

/** The keys that the config gives; what is not given is filled in by what the model starts from. */
export type ModelConfig = z.infer<z.ZodObject<typeof startKeys>> & { readonly kind: Kind; readonly [key: string]: unknown };

const first = 'bert';

/** An architecture's own keys, none of them required, none with a default, as deep as they go. */
function loosened(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return loosened(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodDiscriminatedUnion) return unionOf(schema.options as unknown as readonly z.ZodObject[], {});
  return schema instanceof z.ZodObject ? objectOf(schema, {}) : schema;
}

function objectOf({ shape }: z.ZodObject, more: z.ZodRawShape): z.ZodObject {
  const keys = Object.entries(shape).map(([key, schema]) => [key, key === 'kind' ? kindOf(schema as z.ZodLiteral<Kind>) : loosened(schema as z.ZodType).optional()]); // biome-ignore format: one idea
  return z.strictObject({ ...Object.fromEntries(keys), ...more });
}

/** A model that does not say its kind is a BERT. */
const kindOf = (schema: z.ZodLiteral<Kind>): z.ZodType =>
  schema.value === first ? z.literal([first, undefined] as never).default(first as never) : schema;

/** Any of the kinds; `more`: keys that all of them take. */
export function unionOf(options: readonly z.ZodObject[], more: z.ZodRawShape): z.ZodType {
  const kinds = options.map(({ shape }) => (shape.kind as z.ZodLiteral<Kind>).value);
  return z.discriminatedUnion('kind', options.map((option) => objectOf(option, more)) as never, {
    error: `expected one of ${kinds.join(', ')}`,
  });
}

export const modelSchema = unionOf(architectureSchema.options as unknown as readonly z.ZodObject[], startKeys) as z.ZodType<
  ModelConfig,
  { readonly kind?: Kind; readonly [key: string]: unknown }
>;
