/** @file `config.json` as Hugging Face's readers (transformers.js, Optimum, text-embeddings-inference) want it. */
import { type ArchitectureConfig, architectureSchema, type Manifest } from '../models/index.js';

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
    architectures: ['BertForSequenceClassification'],
    model_type: 'bert',
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
    pad_token_id: 0,
  }),
};
