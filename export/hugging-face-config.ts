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
  distilbert: (config) => ({
    architectures: ['DistilBertForSequenceClassification'],
    model_type: 'distilbert',
    // By DistilBERT's names and by those of all others: text-embeddings-inference asks for these.
    hidden_size: config.width,
    num_hidden_layers: config.layers,
    vocab_size: config.vocabularySize,
    dim: config.width,
    n_layers: config.layers,
    n_heads: config.heads,
    hidden_dim: config.intermediate,
    max_position_embeddings: config.maxPositions,
    initializer_range: config.initializerRange,
    activation: 'gelu',
    dropout: config.dropout,
    attention_dropout: config.attentionDropout,
    seq_classif_dropout: config.headDropout,
    pad_token_id: 0,
  }),
  // What is exported is the classifier of the content.
  endef: ({ content }) => (architectures[content.kind] as (config: ArchitectureConfig) => Readonly<Record<string, unknown>>)(content),
  roberta: (config) => ({
    architectures: ['RobertaForSequenceClassification'],
    model_type: 'roberta',
    vocab_size: config.vocabularySize,
    hidden_size: config.width,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    intermediate_size: config.intermediate,
    max_position_embeddings: config.maxPositions,
    type_vocab_size: config.typeVocabulary,
    layer_norm_eps: config.layerNormEpsilon,
    initializer_range: config.initializerRange,
    hidden_act: 'gelu',
    hidden_dropout_prob: config.dropout,
    attention_probs_dropout_prob: config.attentionDropout,
    pad_token_id: config.padId,
  }),
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
