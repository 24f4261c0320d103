/** @file The attention of Transformer-XL and XLNet (Dai et al. 2019, Yang et al. 2019): scores by content, by distance and by segment. */
import type { Value } from '../graph/graph.js';
import { add, cast, equal, greater, mul, neg, not, sub, where } from '../graph/ops/elementwise.js';
import { gatherElements } from '../graph/ops/indexing.js';
import { concat, reshape, slice, transpose, unsqueeze } from '../graph/ops/layout.js';
import { matMul } from '../graph/ops/matmul.js';
import { softmax } from '../graph/ops/normalization.js';
import { dropout } from './dropout.js';
import type { Init } from './init.js';
import { paddingBias } from './pooling.js';
import { positions, sizeAlong, waveFrequencies, waves } from './positions.js';
import type { Scope } from './scope.js';
import type { SelfAttentionOptions } from './self-attention.js';

/** What the layers of one text share. */
export type Relations = {
  /** [tokens+tokens, width]: the waves of the distances 0, 1 … tokens - 1, and then of 0, -1 … 1 - tokens. */
  readonly waves: Value;
  /** [batch, heads, tokens, tokens] int64: for tokens i and j, the row of `waves` that stands for the distance i - j. */
  readonly rows: Value;
  /** [batch, 1, tokens, tokens]: 1 where i and j are of unlike segments. */
  readonly unlike: Value;
  /** [batch, 1, tokens, tokens], added to the scores: -10000 where j is padding, unless it is i. */
  readonly bias: Value;
};

/**
 * How each token lies to each other one.
 *
 *     mask, types   [batch, tokens] int64
 */
export function relationsOf(
  scope: Scope,
  { mask, types }: { readonly mask: Value; readonly types: Value },
  { width, heads }: Pick<SelfAttentionOptions, 'width' | 'heads'>,
): Relations {
  const g = scope.graph;
  const tokens = sizeAlong(g, mask, 1); // [1]
  const place = positions(g, tokens); // [tokens]
  const distance = sub(g, unsqueeze(g, place, [1]), unsqueeze(g, place, [0])); // [tokens, tokens]
  const row = where(g, greater(g, 0, distance), sub(g, tokens, distance), distance); // [tokens, tokens]
  const none = g.constant(new Array<number>(heads).fill(0), 'int64', [1, heads, 1, 1]);
  const everywhere = add(g, mul(g, unsqueeze(g, mask, [1, 2]), 0), none); // [batch, heads, 1, tokens], zeros

  const { sin, cos } = waves(g, tokens, waveFrequencies(width));
  const ahead = concat(g, [sin, cos], 1); // [tokens, width]
  const behind = concat(g, [neg(g, sin), cos], 1); // [tokens, width]
  const alike = equal(g, unsqueeze(g, types, [2]), unsqueeze(g, types, [1])); // [batch, tokens, tokens]
  return {
    waves: concat(g, [ahead, behind], 0),
    rows: add(g, everywhere, row),
    unlike: unsqueeze(g, cast(g, not(g, alike), g.float), [1]),
    bias: where(g, equal(g, distance, 0), 0, unsqueeze(g, paddingBias(scope, mask), [1, 2])),
  };
}

/**
 * Two-way relative attention with XLNet's weight names, before the residual.
 *
 *     x         [batch, tokens, width]
 *     q k v r   [width, heads, headWidth] each; o the other way round, also stored [width, heads, headWidth]
 *     returns   [batch, tokens, width]
 */
export function relativeAttention(
  scope: Scope,
  x: Value,
  relations: Relations,
  { width, heads, dropout: rate, deviation }: SelfAttentionOptions,
): Value {
  const g = scope.graph;
  const [batch, tokens] = x.shape;
  const headWidth = width / heads;
  const init: Init = { kind: 'normal', deviation };
  const weight = (name: string) => reshape(g, scope.parameter(name, [width, heads, headWidth], init), [width, width]);
  const project = (name: string) => reshape(g, matMul(g, x, weight(name)), [batch!, tokens!, heads, headWidth]);

  const query = project('q');
  /** What a token asks, shifted by a bias that it has for content, distance or segment: [batch, heads, tokens, headWidth] */
  const asked = (bias: string) => {
    const shifted = add(g, query, scope.parameter(bias, [heads, headWidth], init));
    return transpose(g, mul(g, shifted, 1 / Math.sqrt(headWidth)), [0, 2, 1, 3]);
  };
  const byContent = matMul(g, asked('r_w_bias'), transpose(g, project('k'), [0, 2, 3, 1])); // [batch, heads, tokens, tokens]
  const distances = reshape(g, matMul(g, relations.waves, weight('r')), [relations.waves.shape[0]!, heads, headWidth]);
  const everyDistance = matMul(g, asked('r_r_bias'), transpose(g, distances, [1, 2, 0])); // [batch, heads, tokens, tokens+tokens]
  const byDistance = gatherElements(g, everyDistance, relations.rows, 3); // [batch, heads, tokens, tokens]
  const segments = scope.parameter('seg_embed', [2, heads, headWidth], init);
  const askedOfSegments = asked('r_s_bias');
  const [same, other] = [0, 1].map((k) =>
    matMul(g, askedOfSegments, reshape(g, slice(g, segments, { axis: 0, start: k, end: k + 1 }), [heads, headWidth, 1])),
  ); // [batch, heads, tokens, 1] each
  const bySegment = add(g, same!, mul(g, relations.unlike, sub(g, other!, same!))); // [batch, heads, tokens, tokens]

  const scores = add(g, add(g, add(g, byContent, byDistance), bySegment), relations.bias); // [batch, heads, tokens, tokens]
  const weights = dropout(scope, softmax(g, scores), rate); // [batch, heads, tokens, tokens]
  const mixed = transpose(g, matMul(g, weights, transpose(g, project('v'), [0, 2, 1, 3])), [0, 2, 1, 3]); // [batch, tokens, heads, headWidth]
  return matMul(g, reshape(g, mixed, [batch!, tokens!, width]), transpose(g, weight('o'), [1, 0]));
}
