/** @file A BERT as config.json of Hugging Face has it. */
import type { BertConfig } from './bert.js';

type Content = Readonly<Record<string, unknown>>;

/** Its name there, and what its positions add. */
const families: { readonly [P in BertConfig['positions']]: { readonly name: string; readonly more: (config: BertConfig) => Content } } = {
  absolute: { name: 'Bert', more: () => ({ model_type: 'bert' }) },
  rotary: { name: 'RoFormer', more: ({ width }) => ({ model_type: 'roformer', embedding_size: width, rotary_value: false }) },
  relative: { name: 'Nezha', more: () => ({ model_type: 'nezha', max_relative_position: 64 }) },
};

/** @param head what stands on the encoder, as class names there end */
export function huggingFaceBert(config: BertConfig, head: 'ForSequenceClassification' | 'ForMaskedLM'): Content {
  const { name, more } = families[config.positions];
  return {
    architectures: [`${name}${head}`],
    ...more(config),
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
  };
}
