/** @file BERT (Devlin et al. 2018) with a pooling and a head. Weights are named as Hugging Face's `BertModel` and its classifier name them. */
import { z } from 'zod';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { add } from '../graph/ops/elementwise.js';
import { type AttentionPlaces, relativePlaces, rotaryPlaces } from '../layers/attention-places.js';
import { dropout } from '../layers/dropout.js';
import { embedding } from '../layers/embedding.js';
import { encoderLayers } from '../layers/encoder-layer.js';
import { exactMatch, exactMatches } from '../layers/exact-match.js';
import { layerNorm } from '../layers/layer-norm.js';
import { learnedPositions } from '../layers/learned-positions.js';
import { mlp } from '../layers/mlp.js';
import { attentionBias, pooledWidth, poolings } from '../layers/pooling.js';
import type { Scope } from '../layers/scope.js';
import type { Forward, ForwardInputs, TokenInputs } from './classifier-graph.js';
import { headWidths } from './head-widths.js';

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
    /** Learned vectors for each position; or the attention turns with it (RoFormer); or it reads how far apart tokens are (NEZHA). */
    positions: z.enum(['absolute', 'rotary', 'relative']).default('absolute'),
    /** The longest text, in tokens, that has position embeddings. Other positions have no table, and texts may be longer. */
    maxPositions: size.default(512),
    typeVocabulary: size.default(2),
    /** A vector added to each token for whether the other text of its pair has it too. */
    exactMatch: z.boolean().default(false),
    layerNormEpsilon: z.number().positive().default(1e-12),
    initializerRange: z.number().positive().default(0.02),
    dropout: rate.default(0.1),
    attentionDropout: rate.default(0.1),
    pooling: z.enum(['cls', 'mean', 'last-four', 'attention']).default('mean'),
    /** Widths between the pooled vector and the labels. */
    mlp: headWidths.default([]),
    /** Layer normalisation before each of their ReLUs. */
    mlpNormalized: z.boolean().default(false),
  })
  .refine(({ width, heads }) => width % heads === 0, { message: 'width must be a multiple of heads', path: ['heads'] })
  .refine(({ positions, width, heads }) => positions === 'absolute' || (width / heads) % 2 === 0, {
    message: 'a head must be of even width: half of the waves that stand for positions are sines',
    path: ['positions'],
  })
  .refine(({ pooling, layers }) => pooling !== 'last-four' || layers >= 3, {
    message: 'last-four pooling needs at least 3 layers',
    path: ['layers'],
  });

export type BertConfig = z.infer<typeof bertSchema>;

export const forwardBert: Forward<BertConfig> = (root, config, inputs, { labels }) => {
  const { width, pooling, mlp: widths, mlpNormalized, initializerRange: deviation } = config;
  const { model } = positionings[config.positions];
  const { states, words } = encode(root.at(model), config, inputs);
  const features = poolings[pooling](root, { states, mask: inputs.mask, width, deviation, model }); // [batch, pooledWidth]
  const head = {
    inputs: pooledWidth(pooling, width),
    widths,
    outputs: labels,
    dropout: config.dropout,
    ...(mlpNormalized ? { normalized: config.layerNormEpsilon } : {}),
    ...(widths.length === 0 ? { deviation } : {}), // so small, several layers would hand on next to nothing
  };
  const logits = mlp(root.at('classifier'), dropout(root, features, config.dropout), head); // [batch, labels]
  return { logits, features, words, auxiliary: [] };
};

type Positioning = {
  /** Under which name transformers keeps a model of this kind. */
  readonly model: string;
  /** Added to the words: [tokens, width]. */
  readonly vectors?: (embeddings: Scope, config: BertConfig, ids: Value) => Value;
  readonly places?: (g: GraphBuilder, ids: Value, headWidth: number) => AttentionPlaces;
};

const positionings: { readonly [P in BertConfig['positions']]: Positioning } = {
  absolute: { model: 'bert', vectors: positionVectors },
  rotary: { model: 'roformer', places: rotaryPlaces },
  relative: { model: 'nezha', places: relativePlaces },
};

/** Under which name transformers keeps the encoder of `config`. */
export const modelName = ({ positions }: BertConfig): string => positionings[positions].model;

export type Encoded = {
  /** After the embeddings and after each layer, [batch, tokens, width] each. */
  readonly states: readonly Value[];
  /** Looked-up word vectors, [batch, tokens, width]. */
  readonly words: Value;
};

/** The encoder without pooling and head. */
export function encode(scope: Scope, config: BertConfig, { ids, mask, types, noise }: Omit<ForwardInputs, 'entities'>): Encoded {
  const bias = attentionBias(scope, mask); // [batch, 1, 1, tokens]
  const words = lookUp(scope.at('embeddings'), config, ids); // [batch, tokens, width]
  const places = positionings[config.positions].places?.(scope.graph, ids, config.width / config.heads);
  const noisy = noise ? add(scope.graph, words, noise) : words;
  const embedded = embed(scope.at('embeddings'), config, { words: noisy, ids, mask, types });
  return { states: encoderLayers(scope.at('encoder').at('layer'), embedded, config, { bias, places }), words };
}

const lookUp = (scope: Scope, { vocabularySize, width, initializerRange: deviation }: BertConfig, ids: Value): Value =>
  embedding(scope.at('word_embeddings'), ids, { entries: vocabularySize, width, deviation });

/** Word, position and segment embeddings, summed and normalised: [batch, tokens, width]. */
function embed(scope: Scope, config: BertConfig, { words, ...inputs }: { readonly words: Value } & TokenInputs): Value {
  const { ids, types } = inputs;
  const { width, layerNormEpsilon: epsilon, initializerRange: deviation } = config;
  const g = scope.graph;
  const positions = positionings[config.positions].vectors?.(scope, config, ids); // [tokens, width]
  const segments = embedding(scope.at('token_type_embeddings'), types, { entries: config.typeVocabulary, width, deviation }); // [batch, tokens, width]
  const matches = config.exactMatch
    ? [embedding(scope.at('match_embeddings'), exactMatch(g, inputs), { entries: exactMatches, width, deviation })]
    : [];
  const parts = [words, segments, ...(positions ? [positions] : []), ...matches];
  const sum = parts.reduce((a, b) => add(g, a, b)); // [batch, tokens, width]
  return dropout(scope, layerNorm(scope.at('LayerNorm'), sum, { width, epsilon }), config.dropout);
}

function positionVectors(embeddings: Scope, { width, maxPositions: entries, initializerRange: deviation }: BertConfig, ids: Value): Value {
  return learnedPositions(embeddings, ids, { entries, width, deviation });
}
