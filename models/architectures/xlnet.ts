/** @file XLNet (Yang et al. 2019) read both ways at once, with a pooling and a linear head. Weights are named as Hugging Face's `XLNetForSequenceClassification` names them. */
import { z } from 'zod';
import type { Value } from '../graph/graph.js';
import { add, gelu, tanh } from '../graph/ops/elementwise.js';
import { dropout } from '../layers/dropout.js';
import { embedding } from '../layers/embedding.js';
import { layerNorm } from '../layers/layer-norm.js';
import { linear } from '../layers/linear.js';
import { poolings } from '../layers/pooling.js';
import { type Relations, relationsOf, relativeAttention } from '../layers/relative-attention.js';
import type { Scope } from '../layers/scope.js';
import { lastToken, maxOverTime } from '../layers/time-pooling.js';
import type { Forward } from './classifier-graph.js';

const size = z.number().int().positive();
const rate = z.number().min(0).lt(1);

export const xlnetSchema = z
  .strictObject({
    kind: z.literal('xlnet'),
    vocabularySize: size.default(8000),
    width: size.default(128),
    layers: size.default(2),
    heads: size.default(4),
    /** Width inside the feed-forward part. */
    intermediate: size.default(512),
    layerNormEpsilon: z.number().positive().default(1e-12),
    initializerRange: z.number().positive().default(0.02),
    /** Everywhere below the pooling, the attention's weights included. */
    dropout: rate.default(0.1),
    /** Between the pooling and the head. */
    headDropout: rate.default(0.1),
    pooling: z.enum(['max', 'mean', 'last']).default('max'),
  })
  .refine(({ width, heads }) => width % heads === 0, { message: 'width must be a multiple of heads', path: ['heads'] })
  .refine(({ width }) => width % 2 === 0, { message: 'width must be even: half of the waves are sines', path: ['width'] });

export type XlnetConfig = z.infer<typeof xlnetSchema>;

export const forwardXlnet: Forward<XlnetConfig> = (root, config, { ids, mask, types, noise }, { labels }) => {
  const { vocabularySize, width, initializerRange: deviation } = config;
  const scope = root.at('transformer');
  const g = scope.graph;
  const words = embedding(scope.at('word_embedding'), ids, { entries: vocabularySize, width, deviation }); // [batch, tokens, width]
  const relations = relationsOf(scope, { mask, types }, config);
  let x = dropout(scope, noise ? add(g, words, noise) : words, config.dropout);
  for (let i = 0; i < config.layers; i++) x = layer(scope.at('layer').at(String(i)), config, x, relations);
  const features = pool[config.pooling](root, config, dropout(scope, x, config.dropout), mask); // [batch, width]
  const logits = linear(root.at('logits_proj'), dropout(root, features, config.headDropout), { inputs: width, outputs: labels, deviation });
  return { logits, features, words, auxiliary: [] };
};

type Pool = (root: Scope, config: XlnetConfig, states: Value, mask: Value) => Value;
const pool: { readonly [P in XlnetConfig['pooling']]: Pool } = {
  max: (root, _, states, mask) => maxOverTime(root, states, mask),
  mean: (root, { width, initializerRange: deviation }, states, mask) => poolings.mean(root, { states: [states], mask, width, deviation }),
  /** XLNet's own: its classification token stands at the end. */
  last: (root, { width, initializerRange: deviation }, states, mask) => {
    const summary = root.at('sequence_summary').at('summary');
    return tanh(root.graph, linear(summary, lastToken(root, states, mask), { inputs: width, outputs: width, deviation }));
  },
};

/** Relative attention and a feed-forward part, each added to its input and normalised: [batch, tokens, width]. */
function layer(scope: Scope, config: XlnetConfig, x: Value, relations: Relations): Value {
  const { width, heads, intermediate, dropout: rate, layerNormEpsilon: epsilon, initializerRange: deviation } = config;
  const g = scope.graph;
  const close = (part: Scope, inner: Value, residual: Value): Value =>
    layerNorm(part.at('layer_norm'), add(g, dropout(part, inner, rate), residual), { width, epsilon });
  const attention = scope.at('rel_attn');
  const attended = close(attention, relativeAttention(attention, x, relations, { width, heads, dropout: rate, deviation }), x);
  const ff = scope.at('ff');
  const wide = gelu(g, linear(ff.at('layer_1'), attended, { inputs: width, outputs: intermediate, deviation })); // [batch, tokens, intermediate]
  return close(ff, linear(ff.at('layer_2'), dropout(ff, wide, rate), { inputs: intermediate, outputs: width, deviation }), attended);
}
