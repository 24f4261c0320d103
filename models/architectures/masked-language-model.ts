/** @file A BERT that tells words that were taken out of a text (Devlin et al. 2018). Weights are named as Hugging Face's `BertForMaskedLM` names them. */
import { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { add, gelu } from '../graph/ops/elementwise.js';
import { gather } from '../graph/ops/indexing.js';
import { product, reshape, transpose } from '../graph/ops/layout.js';
import { matMul } from '../graph/ops/matmul.js';
import { reduceMean } from '../graph/ops/reduction.js';
import { layerNorm } from '../layers/layer-norm.js';
import { linear } from '../layers/linear.js';
import { type DropoutMask, type Parameter, Scope } from '../layers/scope.js';
import { type BertConfig, encode, modelName } from './bert.js';
import type { BuildOptions } from './classifier-graph.js';
import { surpriseAt } from './surprise.js';

export type MaskedLanguageModel = {
  readonly builder: GraphBuilder;
  /** `input_ids`, `attention_mask` and `token_type_ids`, int64 [batch, tokens]; `places` and `wanted`, int64 [predictions]. */
  readonly inputs: readonly Value[];
  /** [predictions, vocabulary] */
  readonly logits: Value;
  /** [] mean over the places of minus the log of what the model gave the token that is wanted there. */
  readonly loss: Value;
  /** [] share of the places where the model held no other token likelier. */
  readonly accuracy: Value;
  readonly parameters: readonly Parameter[];
  /** One a dropout site, in order; empty unless built for training. */
  readonly masks: readonly DropoutMask[];
};

/**
 * Tokens are told at some places of a batch only, so that nothing is as large as [batch, tokens, vocabulary]. A place is row · tokens + column;
 * `wanted` is the id of the token that stood there.
 */
export function buildMaskedLanguageModel(
  config: BertConfig,
  { training = false, float = 'float32' }: Omit<BuildOptions, 'labels'> = {},
): MaskedLanguageModel {
  const builder = new GraphBuilder({ float });
  const root = Scope.root(builder, { training });
  const tokens = (name: string): Value => builder.input(name, ['batch', 'tokens'], 'int64');
  const [ids, mask, types] = [tokens('input_ids'), tokens('attention_mask'), tokens('token_type_ids')];
  const [places, wanted] = ['places', 'wanted'].map((name) => builder.input(name, ['predictions'], 'int64')) as [Value, Value];

  const encoder = root.at(modelName(config));
  const states = encode(encoder, config, { ids, mask, types }).states.at(-1)!; // [batch, tokens, width]
  const rows = reshape(builder, states, [product(states.shape.slice(0, 2)), config.width]); // [batch·tokens, width]
  const logits = head(root, config, gather(builder, rows, places)); // [predictions, vocabulary]
  const { surprise, hit } = surpriseAt(builder.at('loss'), logits, wanted);
  const mean = (x: Value): Value => reduceMean(builder.at('loss'), x, { axes: [0] });
  const inputs = [ids, mask, types, places, wanted];
  return { builder, inputs, logits, loss: mean(surprise), accuracy: mean(hit), parameters: root.parameters, masks: root.masks };
}

/** The word vectors answer as well as they ask: [predictions, width] to [predictions, vocabulary]. */
function head(root: Scope, config: BertConfig, states: Value): Value {
  const { width, vocabularySize, layerNormEpsilon: epsilon, initializerRange: deviation } = config;
  const predictions = root.at('cls').at('predictions');
  const transform = predictions.at('transform');
  const dense = gelu(root.graph, linear(transform.at('dense'), states, { inputs: width, outputs: width, deviation }));
  const ready = layerNorm(transform.at('LayerNorm'), dense, { width, epsilon }); // [predictions, width]
  const words = root.at(modelName(config)).at('embeddings').at('word_embeddings');
  const table = words.parameter('weight', [vocabularySize, width], { kind: 'normal', deviation });
  const bias = predictions.parameter('bias', [vocabularySize], { kind: 'zeros' });
  return add(root.graph, matMul(root.graph, ready, transpose(root.graph, table, [1, 0])), bias);
}
