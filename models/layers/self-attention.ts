import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { add, mul } from '../graph/ops/elementwise.js';
import { reshape, transpose, unsqueeze } from '../graph/ops/layout.js';
import { matMul } from '../graph/ops/matmul.js';
import { softmax } from '../graph/ops/normalization.js';
import type { AttentionPlaces } from './attention-places.js';
import { dropout } from './dropout.js';
import { linear } from './linear.js';
import type { Scope } from './scope.js';

export type ProjectionNames = { readonly query: string; readonly key: string; readonly value: string };
export type SelfAttentionOptions = {
  readonly width: number;
  readonly heads: number;
  readonly dropout: number;
  readonly deviation: number;
  /** Default: as BERT names them. */
  readonly names?: ProjectionNames;
};

/**
 * Multi-head scaled dot-product attention of a sequence to itself (Vaswani et al. 2017).
 *
 *     x        [batch, tokens, width]
 *     bias     [batch, 1, 1, tokens]   added to the scores: 0 for tokens, -10000 for padding
 *     places   how positions are told apart, where the words do not tell it already
 *     returns  [batch, tokens, width]
 */
export function selfAttention(
  scope: Scope,
  x: Value,
  bias: Value,
  { width, heads, dropout: rate, deviation, names = bertProjections }: SelfAttentionOptions,
  { turn = (y) => y, relative }: AttentionPlaces = {},
): Value {
  const g = scope.graph;
  const [batch, tokens] = x.shape;
  const headWidth = width / heads;
  const project = (name: string) => linear(scope.at(name), x, { inputs: width, outputs: width, deviation });
  const split = (projected: Value) => reshape(g, projected, [batch!, tokens!, heads, headWidth]);

  const asked = turn(split(mul(g, project(names.query), 1 / Math.sqrt(headWidth)))); // [batch, tokens, heads, headWidth]
  const query = transpose(g, asked, [0, 2, 1, 3]); // [batch, heads, tokens, headWidth]
  const key = transpose(g, turn(split(project(names.key))), [0, 2, 3, 1]); // [batch, heads, headWidth, tokens]
  const value = transpose(g, split(project(names.value)), [0, 2, 1, 3]); // [batch, heads, tokens, headWidth]
  const byContent = add(g, matMul(g, query, key), bias); // [batch, heads, tokens, tokens]
  const scores = relative ? add(g, byContent, scoresByPlace(g, asked, relative)) : byContent;
  const weights = dropout(scope, softmax(g, scores), rate); // [batch, heads, tokens, tokens]
  const mixed = transpose(g, matMul(g, weights, value), [0, 2, 1, 3]); // [batch, tokens, heads, headWidth]
  return reshape(g, relative ? add(g, mixed, valuesByPlace(g, weights, relative)) : mixed, [batch!, tokens!, width]);
}

export const bertProjections: ProjectionNames = { query: 'query', key: 'key', value: 'value' };

/** Σ over headWidth of asked[b, i, h] · relative[i, j]: [batch, heads, tokens, tokens]. */
function scoresByPlace(g: GraphBuilder, asked: Value, relative: Value): Value {
  const keys = unsqueeze(g, transpose(g, relative, [0, 2, 1]), [1]); // [tokens, 1, headWidth, tokens]
  const scores = matMul(g, transpose(g, asked, [1, 0, 2, 3]), keys); // [tokens, batch, heads, tokens]
  return transpose(g, scores, [1, 2, 0, 3]);
}

/** Σ over j of weights[b, h, i, j] · relative[i, j]: [batch, tokens, heads, headWidth]. */
function valuesByPlace(g: GraphBuilder, weights: Value, relative: Value): Value {
  const mixed = matMul(g, transpose(g, weights, [2, 0, 1, 3]), unsqueeze(g, relative, [1])); // [tokens, batch, heads, headWidth]
  return transpose(g, mixed, [1, 0, 2, 3]);
}
