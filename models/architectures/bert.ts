/** @file BERT (Devlin et al. 2018) with a pooling and a linear head. Weights are named as Hugging Face's `BertModel` and its classifier name them. */
import { z } from 'zod';
import type { Value } from '../graph/graph.js';
import { add, gelu } from '../graph/ops/elementwise.js';
import { shapeOf, slice, take, unsqueeze } from '../graph/ops/layout.js';
import { dropout } from '../layers/dropout.js';
import { embedding } from '../layers/embedding.js';
import { layerNorm } from '../layers/layer-norm.js';
import { linear } from '../layers/linear.js';
import { paddingBias, pooledWidth, poolings } from '../layers/pooling.js';
import type { Scope } from '../layers/scope.js';
import { selfAttention } from '../layers/self-attention.js';
import type { Forward, ForwardInputs } from './classifier-graph.js';

const size = z.number().int().positive();
const rate = z.number().min(0).lt(1);

export const bertSchema = z
  .strictObject({
    kind: z.literal('bert'),
    vocabularySize: size.default(8000),
    width: size.default(128),
    layers: size.default(2),
    heads: size.default(4),
    /** Width inside the feed-forward part. */
    intermediate: size.default(512),
    /** The longest text, in tokens, that has position embeddings. */
    maxPositions: size.default(512),
    typeVocabulary: size.default(2),
    layerNormEpsilon: z.number().positive().default(1e-12),
    initializerRange: z.number().positive().default(0.02),
    dropout: rate.default(0.1),
    attentionDropout: rate.default(0.1),
    pooling: z.enum(['cls', 'mean', 'last-four', 'attention']).default('mean'),
  })
  .refine(({ width, heads }) => width % heads === 0, { message: 'width must be a multiple of heads', path: ['heads'] })
  .refine(({ pooling, layers }) => pooling !== 'last-four' || layers >= 3, {
    message: 'last-four pooling needs at least 3 layers',
    path: ['layers'],
  });

export type BertConfig = z.infer<typeof bertSchema>;

export const forwardBert: Forward<BertConfig> = (root, config, inputs, { labels }) => {
  const { width, pooling, initializerRange: deviation } = config;
  const { states, words } = encode(root.at('bert'), config, inputs);
  const features = poolings[pooling](root, { states, mask: inputs.mask, width, deviation }); // [batch, pooledWidth]
  const head = { inputs: pooledWidth(pooling, width), outputs: labels, deviation };
  const logits = linear(root.at('classifier'), dropout(root, features, config.dropout), head); // [batch, labels]
  return { logits, features, words, auxiliary: [] };
};

export type Encoded = {
  /** After the embeddings and after each layer, [batch, tokens, width] each. */
  readonly states: readonly Value[];
  /** Looked-up word vectors, [batch, tokens, width]. */
  readonly words: Value;
};

/** The encoder without pooling and head. */
export function encode(scope: Scope, config: BertConfig, { ids, mask, types, noise }: Omit<ForwardInputs, 'entities'>): Encoded {
  const bias = unsqueeze(scope.graph, paddingBias(scope, mask), [1, 2]); // [batch, 1, 1, tokens]
  const words = lookUp(scope.at('embeddings'), config, ids); // [batch, tokens, width]
  const states = [embed(scope.at('embeddings'), config, { words: noise ? add(scope.graph, words, noise) : words, ids, types })];
  for (let i = 0; i < config.layers; i++)
    states.push(encoderLayer(scope.at('encoder').at('layer').at(String(i)), config, states.at(-1)!, bias));
  return { states, words };
}

const lookUp = (scope: Scope, { vocabularySize, width, initializerRange: deviation }: BertConfig, ids: Value): Value =>
  embedding(scope.at('word_embeddings'), ids, { entries: vocabularySize, width, deviation });

/** Word, position and segment embeddings, summed and normalised: [batch, tokens, width]. */
function embed(scope: Scope, config: BertConfig, { words, ids, types }: { words: Value; ids: Value; types: Value }): Value {
  const { width, layerNormEpsilon: epsilon, initializerRange: deviation, maxPositions } = config;
  const g = scope.graph;
  const length = slice(g, shapeOf(g, ids), { axis: 0, start: 1, end: 2 }); // [1], holds tokens
  const everyPosition = g.constant(
    Array.from({ length: maxPositions }, (_, i) => i),
    'int64',
  );
  const positions = embedding(scope.at('position_embeddings'), take(g, everyPosition, length), { entries: maxPositions, width, deviation }); // [tokens, width]
  const segments = embedding(scope.at('token_type_embeddings'), types, { entries: config.typeVocabulary, width, deviation }); // [batch, tokens, width]
  const sum = add(g, add(g, words, segments), positions); // [batch, tokens, width]
  return dropout(scope, layerNorm(scope.at('LayerNorm'), sum, { width, epsilon }), config.dropout);
}

/** Self-attention and a feed-forward part, each added to its input and normalised: [batch, tokens, width]. */
function encoderLayer(scope: Scope, config: BertConfig, x: Value, bias: Value): Value {
  const { width, heads, intermediate, attentionDropout, layerNormEpsilon: epsilon, initializerRange: deviation } = config;
  const g = scope.graph;
  const close = (part: Scope, inner: Value, residual: Value, inputs: number): Value => {
    const projected = dropout(part, linear(part.at('dense'), inner, { inputs, outputs: width, deviation }), config.dropout);
    return layerNorm(part.at('LayerNorm'), add(g, projected, residual), { width, epsilon });
  };
  const attended = selfAttention(scope.at('attention').at('self'), x, bias, { width, heads, dropout: attentionDropout, deviation });
  const attention = close(scope.at('attention').at('output'), attended, x, width);
  const wide = linear(scope.at('intermediate').at('dense'), attention, { inputs: width, outputs: intermediate, deviation }); // [batch, tokens, intermediate]
  return close(scope.at('output'), gelu(g, wide), attention, intermediate);
}
