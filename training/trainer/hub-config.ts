/** @file config.json of a Hugging Face encoder in our words, by its `model_type`. */
import { z } from 'zod';
import type { ArchitectureConfig } from '../../models/index.js';

type Kind = ArchitectureConfig['kind'];
/** Kind and sizes of a pre-trained model. Of an encoder by itself, what hangs on the task (pooling, head) is not among them. */
export type Encoder = { readonly kind: Kind | 'gpt2'; readonly [key: string]: unknown };
type HubEncoder = Encoder & { readonly vocabularySize: number };

const size = z.number().int().positive();
const rate = z.number().min(0).lt(1);

const common = {
  hidden_act: z.literal('gelu').default('gelu'),
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  intermediate_size: size,
  type_vocab_size: size.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  initializer_range: z.number().positive().default(0.02),
  hidden_dropout_prob: rate.default(0.1),
  attention_probs_dropout_prob: rate.default(0.1),
};
type Common = z.infer<z.ZodObject<typeof common>>;

const bertSizes = (config: Common) => ({
  kind: 'bert' as const,
  vocabularySize: config.vocab_size,
  width: config.hidden_size,
  layers: config.num_hidden_layers,
  heads: config.num_attention_heads,
  intermediate: config.intermediate_size,
  typeVocabulary: config.type_vocab_size,
  layerNormEpsilon: config.layer_norm_eps,
  initializerRange: config.initializer_range,
  dropout: config.hidden_dropout_prob,
  attentionDropout: config.attention_probs_dropout_prob,
});

const bert = z
  .looseObject({
    model_type: z.literal('bert'),
    position_embedding_type: z.literal('absolute').default('absolute'),
    max_position_embeddings: size,
    ...common,
  })
  .transform((config): HubEncoder => ({ ...bertSizes(config), maxPositions: config.max_position_embeddings }));

const roformer = z
  .looseObject({
    model_type: z.literal('roformer'),
    rotary_value: z.literal(false).default(false),
    max_position_embeddings: size,
    ...common,
  })
  .transform((config): HubEncoder => ({ ...bertSizes(config), maxPositions: config.max_position_embeddings, positions: 'rotary' }));

const nezha = z
  .looseObject({
    model_type: z.literal('nezha'),
    max_relative_position: z.literal(64).default(64),
    max_position_embeddings: size,
    ...common,
  })
  .transform((config): HubEncoder => ({ ...bertSizes(config), maxPositions: config.max_position_embeddings, positions: 'relative' }));

const distilbert = z
  .looseObject({
    model_type: z.literal('distilbert'),
    activation: z.literal('gelu').default('gelu'),
    vocab_size: size,
    dim: size,
    n_layers: size,
    n_heads: size,
    hidden_dim: size,
    max_position_embeddings: size,
    initializer_range: z.number().positive().default(0.02),
    dropout: rate.default(0.1),
    attention_dropout: rate.default(0.1),
    seq_classif_dropout: rate.default(0.2),
  })
  .transform(
    (config): HubEncoder => ({
      kind: 'distilbert',
      vocabularySize: config.vocab_size,
      width: config.dim,
      layers: config.n_layers,
      heads: config.n_heads,
      intermediate: config.hidden_dim,
      maxPositions: config.max_position_embeddings,
      initializerRange: config.initializer_range,
      dropout: config.dropout,
      attentionDropout: config.attention_dropout,
      headDropout: config.seq_classif_dropout,
    }),
  );

/** XLM-RoBERTa and CamemBERT are RoBERTas with other vocabularies. */
const roberta = z
  .looseObject({
    model_type: z.enum(['roberta', 'xlm-roberta', 'camembert']),
    position_embedding_type: z.literal('absolute').default('absolute'),
    max_position_embeddings: size,
    pad_token_id: z.number().int().nonnegative().default(1),
    ...common,
  })
  .transform(
    (config): HubEncoder => ({
      ...bertSizes(config),
      kind: 'roberta',
      maxPositions: config.max_position_embeddings,
      padId: config.pad_token_id,
    }),
  );

const xlnet = z
  .looseObject({
    model_type: z.literal('xlnet'),
    ff_activation: z.literal('gelu').default('gelu'),
    vocab_size: size,
    d_model: size,
    n_layer: size,
    n_head: size,
    d_inner: size,
    layer_norm_eps: z.number().positive().default(1e-12),
    initializer_range: z.number().positive().default(0.02),
    dropout: rate.default(0.1),
  })
  .transform(
    (config): HubEncoder => ({
      kind: 'xlnet',
      vocabularySize: config.vocab_size,
      width: config.d_model,
      layers: config.n_layer,
      heads: config.n_head,
      intermediate: config.d_inner,
      layerNormEpsilon: config.layer_norm_eps,
      initializerRange: config.initializer_range,
      dropout: config.dropout,
    }),
  );

/** A language model: to go on with, and to write with. */
const gpt2 = z
  .looseObject({
    model_type: z.literal('gpt2'),
    activation_function: z.literal('gelu_new').default('gelu_new'),
    vocab_size: size,
    n_positions: size,
    n_embd: size,
    n_layer: size,
    n_head: size,
    n_inner: size.nullish(),
    layer_norm_epsilon: z.number().positive().default(1e-5),
    initializer_range: z.number().positive().default(0.02),
    resid_pdrop: rate.default(0.1),
    attn_pdrop: rate.default(0.1),
  })
  .transform(
    (config): HubEncoder => ({
      kind: 'gpt2',
      vocabularySize: config.vocab_size,
      width: config.n_embd,
      layers: config.n_layer,
      heads: config.n_head,
      intermediate: config.n_inner ?? 4 * config.n_embd,
      maxPositions: config.n_positions,
      layerNormEpsilon: config.layer_norm_epsilon,
      initializerRange: config.initializer_range,
      dropout: config.resid_pdrop,
      attentionDropout: config.attn_pdrop,
    }),
  );

export const hubConfigSchema = z.discriminatedUnion('model_type', [bert, roformer, nezha, distilbert, roberta, xlnet, gpt2] as never, {
  error: 'expected one of bert, roformer, nezha, distilbert, roberta, xlm-roberta, camembert, xlnet, gpt2',
}) as unknown as z.ZodType<HubEncoder>;
