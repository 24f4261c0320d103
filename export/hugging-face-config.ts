/** @file `config.json` as Hugging Face's readers (transformers.js, Optimum, text-embeddings-inference) want it. */
import { type ArchitectureConfig, architectureSchema, huggingFaceBert, type Manifest } from '../models/index.js';

/** The content of config.json for a bundle. */
export function huggingFaceConfig({
  architecture,
  labels,
  activation,
}: Pick<Manifest, 'architecture' | 'labels' | 'activation'>): Readonly<Record<string, unknown>> {
  const config = architectureSchema.parse(architecture);
  return {
    ...(architectures[config.kind] as (config: ArchitectureConfig) => Readonly<Record<string, unknown>>)(config),
    id2label: Object.fromEntries(labels.map((label, i) => [String(i), label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
    problem_type: problemTypes[activation],
  };
}

const problemTypes: { readonly [A in Manifest['activation']]: string } = {
  softmax: 'single_label_classification',
  sigmoid: 'multi_label_classification',
  none: 'regression',
};

const architectures: {
  readonly [K in ArchitectureConfig['kind']]: (config: Extract<ArchitectureConfig, { kind: K }>) => Readonly<Record<string, unknown>>;
} = {
  bert: (config) => ({
    ...huggingFaceBert(config, 'ForSequenceClassification'),
    pad_token_id: 0,
  }),
  // No model of Hugging Face's: a reader that knows none of this name says so.
  bigru: ({ encoder, ...config }) => ({
    model_type: 'copydesk-bigru',
    vocab_size: config.vocabularySize,
    embedding_size: config.width,
    hidden_size: config.hidden,
    num_hidden_layers: config.layers,
    dropout: config.dropout,
    pad_token_id: 0,
  }),
  // What is exported is the classifier of the content.
  endef: ({ content }) => (architectures[content.kind] as (config: ArchitectureConfig) => Readonly<Record<string, unknown>>)(content),
  xlnet: (config) => ({
    architectures: ['XLNetForSequenceClassification'],
    model_type: 'xlnet',
    vocab_size: config.vocabularySize,
    d_model: config.width,
    n_layer: config.layers,
    n_head: config.heads,
    d_head: config.width / config.heads,
    d_inner: config.intermediate,
    ff_activation: 'gelu',
    attn_type: 'bi',
    layer_norm_eps: config.layerNormEpsilon,
    initializer_range: config.initializerRange,
    dropout: config.dropout,
    summary_type: config.pooling,
    summary_use_proj: config.pooling === 'last',
    summary_last_dropout: config.headDropout,
    pad_token_id: 0,
  }),
};
