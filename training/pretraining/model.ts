/** @file The `model` part of a pre-training config: its kind and sizes, filled in from the vocabulary or from pre-trained weights. */
import { z } from 'zod';
import { type BertConfig, bertSchema, type Gpt2Config, gpt2Schema, UsageError } from '../../models/index.js';
import type { Encoder } from '../trainer/hub-config.js';
import { startKeys, unionOf } from '../trainer/model-config.js';

export type LanguageModelConfig = BertConfig | Gpt2Config;
export type LanguageModelKind = LanguageModelConfig['kind'];

/** The keys that a config gives. */
export type LanguageModelKeys = z.infer<z.ZodObject<typeof startKeys>> & {
  readonly kind: LanguageModelKind;
  readonly [key: string]: unknown;
};

/** Pooling, head and what a pair shares are a classifier's business. */
const { pooling: _, mlp: _mlp, mlpNormalized: _normalized, exactMatch: _match, ...bertKeys } = bertSchema.shape;

export const languageModelSchema = unionOf([z.strictObject(bertKeys), gpt2Schema], startKeys) as z.ZodType<
  LanguageModelKeys,
  { readonly kind?: LanguageModelKind; readonly [key: string]: unknown }
>;

const schemas: { readonly [K in LanguageModelKind]: z.ZodType<Extract<LanguageModelConfig, { kind: K }>> } = {
  bert: bertSchema,
  gpt2: gpt2Schema,
};

export type LanguageModelBase = {
  readonly vocabularySize: number;
  readonly maxTokens: number;
  /** Of pre-trained weights. */
  readonly encoder: Encoder | undefined;
};

/** @throws UsageError `config/invalid` for sizes that do not go together, or that the pre-trained weights say already */
export function completeLanguageModel(
  { kind, pretrained, keepTokens: _keep, take: _take, ...given }: LanguageModelKeys,
  { vocabularySize, maxTokens, encoder }: LanguageModelBase,
): LanguageModelConfig {
  if (encoder && encoder.kind !== kind)
    throw new UsageError(
      'config/invalid',
      `model.kind is ${kind}, ${pretrained} holds ${encoder.kind}`,
      `give the weights of a ${kind}, or set model.kind.`,
    );
  const own = encoder && Object.keys(given).find((key) => key in encoder && !/dropout/i.test(key));
  if (own)
    throw new UsageError(
      'config/invalid',
      `model.${own}: the pre-trained model has its own sizes`,
      `remove model.${own}, or model.pretrained to train from scratch.`,
    );
  const parsed = schemas[kind].safeParse({ maxPositions: Math.max(128, maxTokens), ...encoder, ...given, kind, vocabularySize });
  if (parsed.success) return checkLength(parsed.data, maxTokens);
  const { path, message } = parsed.error.issues[0]!;
  throw new UsageError('config/invalid', `model.${path.join('.')}: ${message}`, 'change the sizes of the model.');
}

function checkLength(config: LanguageModelConfig, maxTokens: number): LanguageModelConfig {
  const anyLength = config.kind === 'bert' && config.positions !== 'absolute';
  if (anyLength || maxTokens <= config.maxPositions) return config;
  throw new UsageError(
    'config/invalid',
    `text.maxTokens ${maxTokens}: the model has positions for ${config.maxPositions} tokens`,
    `set text.maxTokens to at most ${config.maxPositions}.`,
  );
}
