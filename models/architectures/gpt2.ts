/** @file GPT-2 (Radford et al. 2019), a language model: token ids to logits of the token that follows. Weights are named as Hugging Face's `GPT2LMHeadModel` names them. */
import { z } from 'zod';
import { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { add } from '../graph/ops/elementwise.js';
import { gather } from '../graph/ops/indexing.js';
import { transpose } from '../graph/ops/layout.js';
import { matMul } from '../graph/ops/matmul.js';
import { causalAttention, causalBias, type KeysValues } from '../layers/causal-attention.js';
import { conv1d } from '../layers/conv-1d.js';
import { dropout } from '../layers/dropout.js';
import { embedding } from '../layers/embedding.js';
import { geluTanh } from '../layers/gelu-tanh.js';
import { layerNorm } from '../layers/layer-norm.js';
import { positions, sizeAlong } from '../layers/positions.js';
import { type DropoutMask, type Parameter, Scope } from '../layers/scope.js';
import type { BuildOptions } from './classifier-graph.js';

const size = z.number().int().positive();
const rate = z.number().min(0).lt(1);

export const gpt2Schema = z
  .strictObject({
    kind: z.literal('gpt2'),
    vocabularySize: size.default(8000),
    width: size.default(128),
    layers: size.default(2),
    heads: size.default(4),
    /** Width inside the feed-forward part. */
    intermediate: size.default(512),
    /** The longest text, in tokens, that has position embeddings. */
    maxPositions: size.default(512),
    layerNormEpsilon: z.number().positive().default(1e-5),
    initializerRange: z.number().positive().default(0.02),
    dropout: rate.default(0.1),
    attentionDropout: rate.default(0.1),
  })
  .refine(({ width, heads }) => width % heads === 0, { message: 'width must be a multiple of heads', path: ['heads'] });

export type Gpt2Config = z.infer<typeof gpt2Schema>;

export type LanguageModelGraph = {
  readonly builder: GraphBuilder;
  /** `input_ids` and `attention_mask`, int64 [batch, tokens] each. */
  readonly inputs: readonly Value[];
  /** [batch, tokens, vocabulary]: of the token that follows each. */
  readonly logits: Value;
  readonly parameters: readonly Parameter[];
  /** One a dropout site, in order; empty unless built for training. */
  readonly masks: readonly DropoutMask[];
};
type Options = Omit<BuildOptions, 'labels'>;

/** Whole texts at once, padded on the right: to train, and to say how likely texts are. */
export function buildLanguageModel(config: Gpt2Config, { training = false, float = 'float32' }: Options = {}): LanguageModelGraph {
  const { builder, root, ids } = open({ training, float });
  const mask = builder.input('attention_mask', ['batch', 'tokens'], 'int64');
  const places = positions(builder, sizeAlong(builder, ids, 1)); // [tokens]
  const { states } = transformer(root, config, { ids, places, bias: causalBias(root, ids, mask) });
  return { builder, inputs: [ids, mask], logits: head(root, config, states), parameters: root.parameters, masks: root.masks };
}

export type DecoderGraph = Omit<LanguageModelGraph, 'masks'> & {
  /** By layer; none without a cache. */
  readonly presents: readonly KeysValues[];
};

/**
 * One step of writing on. `position_ids` [batch, tokens] says where each token stands in its own text, so that texts of unlike length can be
 * padded on the left; `logits` [batch, vocabulary] are those of the last token alone. With a cache there are inputs
 * `past_key_values.0.key`, `past_key_values.0.value`, … [batch, heads, past, headWidth], `attention_mask` is [batch, past+tokens], and
 * `presents` are the past of the next step.
 */
export function buildDecoder(config: Gpt2Config, { cache = true, float = 'float32' }: Options & { cache?: boolean } = {}): DecoderGraph {
  const { builder, root, ids } = open({ training: false, float });
  const places = builder.input('position_ids', ['batch', 'tokens'], 'int64');
  const mask = builder.input('attention_mask', ['batch', cache ? 'past+tokens' : 'tokens'], 'int64');
  const kept = (layer: number, what: string): Value =>
    builder.input(`past_key_values.${layer}.${what}`, ['batch', config.heads, 'past', config.width / config.heads]);
  const pasts = Array.from({ length: cache ? config.layers : 0 }, (_, i): KeysValues => ({ key: kept(i, 'key'), value: kept(i, 'value') }));
  const { states, presents } = transformer(root, config, { ids, places, bias: causalBias(root, ids, mask), pasts });
  const logits = head(root, config, gather(builder, states, builder.constant(-1, 'int64'), 1)); // [batch, vocabulary]
  const inputs = [ids, places, mask, ...pasts.flatMap(({ key, value }) => [key, value])];
  return { builder, inputs, logits, presents: cache ? presents : [], parameters: root.parameters };
}

function open({ training, float }: Required<Options>): { builder: GraphBuilder; root: Scope; ids: Value } {
  const builder = new GraphBuilder({ float });
  return { builder, root: Scope.root(builder, { training }), ids: builder.input('input_ids', ['batch', 'tokens'], 'int64') };
}

type Inputs = { readonly ids: Value; readonly places: Value; readonly bias: Value; readonly pasts?: readonly KeysValues[] };

/** Embeddings and layers: `states` [batch, tokens, width]. */
function transformer(root: Scope, config: Gpt2Config, { ids, places, bias, pasts = [] }: Inputs) {
  const { width, maxPositions, layerNormEpsilon: epsilon, initializerRange: deviation } = config;
  const scope = root.at('transformer');
  const g = scope.graph;
  const words = gather(g, wordTable(root, config), ids); // [batch, tokens, width]
  const placed = embedding(scope.at('wpe'), places, { entries: maxPositions, width, deviation }); // [tokens, width] or [batch, tokens, width]
  let x = dropout(scope, add(g, words, placed), config.dropout);
  const presents: KeysValues[] = [];
  for (let i = 0; i < config.layers; i++) {
    const { states, present } = layer(scope.at('h').at(String(i)), config, x, { bias, past: pasts[i] });
    x = states;
    presents.push(present);
  }
  return { states: layerNorm(scope.at('ln_f'), x, { width, epsilon }), presents };
}

/** Causal attention and a feed-forward part, each of its normalised input and added to it: [batch, tokens, width]. */
function layer(scope: Scope, config: Gpt2Config, x: Value, given: { readonly bias: Value; readonly past: KeysValues | undefined }) {
  const { width, heads, intermediate, attentionDropout, layerNormEpsilon: epsilon, initializerRange: deviation } = config;
  const g = scope.graph;
  /** Starts smaller in a deep model: each layer adds two of these to what goes through. */
  const project = (part: Scope, inner: Value, inputs: number): Value => {
    const projected = conv1d(part.at('c_proj'), inner, { inputs, outputs: width, deviation: deviation / Math.sqrt(2 * config.layers) });
    return dropout(part, projected, config.dropout);
  };
  const attn = scope.at('attn');
  const options = { width, heads, dropout: attentionDropout, deviation };
  const { output, present } = causalAttention(attn, layerNorm(scope.at('ln_1'), x, { width, epsilon }), given, options);
  const attended = add(g, x, project(attn, output, width));
  const mlp = scope.at('mlp');
  const wide = conv1d(mlp.at('c_fc'), layerNorm(scope.at('ln_2'), attended, { width, epsilon }), {
    inputs: width,
    outputs: intermediate,
    deviation,
  }); // [batch, tokens, intermediate]
  return { states: add(g, attended, project(mlp, geluTanh(g, wide), intermediate)), present };
}

/** The word vectors are the weights of the head too: [..., width] to [..., vocabulary]. */
const head = (root: Scope, config: Gpt2Config, states: Value): Value =>
  matMul(root.graph, states, transpose(root.graph, wordTable(root, config), [1, 0]));

const wordTable = (root: Scope, { vocabularySize, width, initializerRange: deviation }: Gpt2Config): Value =>
  root.at('transformer').at('wte').parameter('weight', [vocabularySize, width], { kind: 'normal', deviation });
