/** @file DistilBERT (Sanh et al. 2019) with its own head. Weights are named as Hugging Face's `DistilBertForSequenceClassification` names them. */
import { z } from 'zod';
import { add, relu } from '../graph/ops/elementwise.js';
import { dropout } from '../layers/dropout.js';
import { embedding } from '../layers/embedding.js';
import { type EncoderLayerNames, encoderLayers } from '../layers/encoder-layer.js';
import { layerNorm } from '../layers/layer-norm.js';
import { learnedPositions } from '../layers/learned-positions.js';
import { linear } from '../layers/linear.js';
import { attentionBias, firstToken } from '../layers/pooling.js';
import type { Forward } from './classifier-graph.js';

const size = z.number().int().positive();
const rate = z.number().min(0).lt(1);

export const distilbertSchema = z
  .strictObject({
    kind: z.literal('distilbert'),
    vocabularySize: size.default(8000),
    width: size.default(128),
    layers: size.default(2),
    heads: size.default(4),
    /** Width inside the feed-forward part. */
    intermediate: size.default(512),
    /** The longest text, in tokens. */
    maxPositions: size.default(512),
    initializerRange: z.number().positive().default(0.02),
    dropout: rate.default(0.1),
    attentionDropout: rate.default(0.1),
    /** Between the head's hidden layer and the labels. */
    headDropout: rate.default(0.2),
  })
  .refine(({ width, heads }) => width % heads === 0, { message: 'width must be a multiple of heads', path: ['heads'] });

export type DistilbertConfig = z.infer<typeof distilbertSchema>;

/** DistilBERT's own, which no config of it changes. */
const epsilon = 1e-12;

const names: EncoderLayerNames = {
  self: 'attention',
  projections: { query: 'q_lin', key: 'k_lin', value: 'v_lin' },
  attended: 'attention.out_lin',
  attendedNorm: 'sa_layer_norm',
  wide: 'ffn.lin1',
  narrow: 'ffn.lin2',
  narrowNorm: 'output_layer_norm',
};

export const forwardDistilbert: Forward<DistilbertConfig> = (root, config, { ids, mask, noise }, { labels }) => {
  const { vocabularySize, width, maxPositions, initializerRange: deviation } = config;
  const scope = root.at('distilbert');
  const embeddings = scope.at('embeddings');
  const g = embeddings.graph;
  const bias = attentionBias(scope, mask); // [batch, 1, 1, tokens]
  const words = embedding(embeddings.at('word_embeddings'), ids, { entries: vocabularySize, width, deviation }); // [batch, tokens, width]
  const noisy = noise ? add(g, words, noise) : words;
  const sum = add(g, noisy, learnedPositions(embeddings, ids, { entries: maxPositions, width, deviation }));
  const embedded = dropout(embeddings, layerNorm(embeddings.at('LayerNorm'), sum, { width, epsilon }), config.dropout);
  const layers = { ...config, layerNormEpsilon: epsilon };
  const states = encoderLayers(scope.at('transformer').at('layer'), embedded, layers, { bias, names });

  const hidden = linear(root.at('pre_classifier'), firstToken(root, states.at(-1)!), { inputs: width, outputs: width, deviation });
  const features = relu(root.graph, hidden); // [batch, width]
  const read = dropout(root, features, config.headDropout);
  const logits = linear(root.at('classifier'), read, { inputs: width, outputs: labels, deviation });
  return { logits, features, words, auxiliary: [] };
};
