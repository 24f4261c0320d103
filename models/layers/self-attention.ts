import type { Value } from '../graph/graph.js';
import { add, mul } from '../graph/ops/elementwise.js';
import { reshape, transpose } from '../graph/ops/layout.js';
import { matMul } from '../graph/ops/matmul.js';
import { softmax } from '../graph/ops/normalization.js';
import { dropout } from './dropout.js';
import { linear } from './linear.js';
import type { Scope } from './scope.js';

export type SelfAttentionOptions = { readonly width: number; readonly heads: number; readonly dropout: number; readonly deviation: number };

/**
 * Multi-head scaled dot-product attention of a sequence to itself (Vaswani et al. 2017), with BERT's weight names.
 *
 *     x        [batch, tokens, width]
 *     bias     [batch, 1, 1, tokens]   added to the scores: 0 for tokens, -10000 for padding
 *     returns  [batch, tokens, width]
 */
export function selfAttention(
  scope: Scope,
  x: Value,
  bias: Value,
  { width, heads, dropout: rate, deviation }: SelfAttentionOptions,
): Value {
  const g = scope.graph;
  const [batch, tokens] = x.shape;
  const headWidth = width / heads;
  const project = (name: string) => linear(scope.at(name), x, { inputs: width, outputs: width, deviation });
  const split = (projected: Value) => reshape(g, projected, [batch!, tokens!, heads, headWidth]);

  const query = transpose(g, split(mul(g, project('query'), 1 / Math.sqrt(headWidth))), [0, 2, 1, 3]); // [batch, heads, tokens, headWidth]
  const key = transpose(g, split(project('key')), [0, 2, 3, 1]); // [batch, heads, headWidth, tokens]
  const value = transpose(g, split(project('value')), [0, 2, 1, 3]); // [batch, heads, tokens, headWidth]
  const scores = add(g, matMul(g, query, key), bias); // [batch, heads, tokens, tokens]
  const weights = dropout(scope, softmax(g, scores), rate); // [batch, heads, tokens, tokens]
  const mixed = transpose(g, matMul(g, weights, value), [0, 2, 1, 3]); // [batch, tokens, heads, headWidth]
  return reshape(g, mixed, [batch!, tokens!, width]);
}
