/** @file RoBERTa (Liu et al. 2019) with its own head. Weights are named as Hugging Face's `RobertaForSequenceClassification` names them. */
import { z } from 'zod';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { add, cast, equal, mul, not, tanh } from '../graph/ops/elementwise.js';
import { slice } from '../graph/ops/layout.js';
import { cumSum } from '../graph/ops/recurrent.js';
import { dropout } from '../layers/dropout.js';
import { embedding } from '../layers/embedding.js';
import { encoderLayers } from '../layers/encoder-layer.js';
import { layerNorm } from '../layers/layer-norm.js';
import { linear } from '../layers/linear.js';
import { attentionBias, firstToken } from '../layers/pooling.js';
import type { Scope } from '../layers/scope.js';
import type { Forward } from './classifier-graph.js';

const size = z.number().int().positive();
const rate = z.number().min(0).lt(1);

export const robertaSchema = z
  .strictObject({
    kind: z.literal('roberta'),
    vocabularySize: size.default(8000),
    width: size.default(128),
    layers: size.default(2),
    heads: size.default(4),
    /** Width inside the feed-forward part. */
    intermediate: size.default(512),
    /** Rows of the table of positions: the longest text has `padId + 1` tokens fewer. */
    maxPositions: size.default(514),
    /** The token that fills a text up. Places are counted from the number after it. */
    padId: z.number().int().nonnegative().default(1),
    /** Segments that there are vectors for; every token is of the first. */
    typeVocabulary: size.default(1),
    layerNormEpsilon: z.number().positive().default(1e-5),
    initializerRange: z.number().positive().default(0.02),
    dropout: rate.default(0.1),
    attentionDropout: rate.default(0.1),
  })
  .refine(({ width, heads }) => width % heads === 0, { message: 'width must be a multiple of heads', path: ['heads'] })
  .refine(({ maxPositions, padId }) => maxPositions > padId + 1, {
    message: 'there are no positions after that of padId',
    path: ['maxPositions'],
  });

export type RobertaConfig = z.infer<typeof robertaSchema>;

export const forwardRoberta: Forward<RobertaConfig> = (root, config, { ids, mask, noise }, { labels }) => {
  const { vocabularySize, width, initializerRange: deviation } = config;
  const scope = root.at('roberta');
  const embeddings = scope.at('embeddings');
  const g = embeddings.graph;
  const bias = attentionBias(scope, mask); // [batch, 1, 1, tokens]
  const words = embedding(embeddings.at('word_embeddings'), ids, { entries: vocabularySize, width, deviation }); // [batch, tokens, width]
  const noisy = noise ? add(g, words, noise) : words;
  const sum = [segment(embeddings, config), positions(embeddings, config, ids)].reduce((a, b) => add(g, a, b), noisy);
  const normal = layerNorm(embeddings.at('LayerNorm'), sum, { width, epsilon: config.layerNormEpsilon });
  const embedded = dropout(embeddings, normal, config.dropout); // [batch, tokens, width]
  const states = encoderLayers(scope.at('encoder').at('layer'), embedded, config, { bias });

  const head = root.at('classifier');
  const first = dropout(head, firstToken(head, states.at(-1)!), config.dropout); // [batch, width]
  const features = tanh(head.graph, linear(head.at('dense'), first, { inputs: width, outputs: width, deviation })); // [batch, width]
  const logits = linear(head.at('out_proj'), dropout(head, features, config.dropout), { inputs: width, outputs: labels, deviation });
  return { logits, features, words, auxiliary: [] };
};

/** The vector of the only segment: [1, width]. */
function segment(embeddings: Scope, { typeVocabulary, width, initializerRange: deviation }: RobertaConfig): Value {
  const table = embeddings.at('token_type_embeddings').parameter('weight', [typeVocabulary, width], { kind: 'normal', deviation });
  return typeVocabulary === 1 ? table : slice(embeddings.graph, table, { axis: 0, start: 0, end: 1 });
}

const positions = (embeddings: Scope, { padId, maxPositions: entries, width, initializerRange: deviation }: RobertaConfig, ids: Value) =>
  embedding(embeddings.at('position_embeddings'), places(embeddings.graph, ids, padId), { entries, width, deviation }); // [batch, tokens, width]

/**
 * `padId + 1, padId + 2, …` for tokens and `padId` for padding, wherever that stands. As transformers does, padding is told by its id and not by
 * the mask.
 *
 *     ids, returns  [batch, tokens] int64
 */
function places(g: GraphBuilder, ids: Value, padId: number): Value {
  const real = cast(g, not(g, equal(g, ids, g.constant(padId, 'int64'))), g.float);
  return cast(g, add(g, mul(g, cumSum(g, real, { axis: 1 }), real), padId), 'int64');
}
