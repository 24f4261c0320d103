/** @file Attention of each token to itself and those before it, with GPT-2's weight names, and with what earlier runs have kept. */
import type { Value } from '../graph/graph.js';
import { add, cast, greater, mul, sub } from '../graph/ops/elementwise.js';
import { concat, reshape, slice, transpose, unsqueeze } from '../graph/ops/layout.js';
import { matMul } from '../graph/ops/matmul.js';
import { softmax } from '../graph/ops/normalization.js';
import { dropout } from './dropout.js';
import { paddingBias } from './pooling.js';
import { positions, sizeAlong } from './positions.js';
import type { Scope } from './scope.js';
import type { SelfAttentionOptions } from './self-attention.js';

/** Keys and values of tokens, [batch, heads, tokens, headWidth] each. */
export type KeysValues = { readonly key: Value; readonly value: Value };

/**
 * What is added to the scores so that no token sees padding or one that comes after it: 0, or -10000 and less.
 *
 *     ids       [batch, tokens], those that ask
 *     mask      [batch, past+tokens] int64, of all that can be asked: the last `tokens` of them are those that ask
 *     returns   [batch, 1, tokens, past+tokens]
 */
export function causalBias(scope: Scope, ids: Value, mask: Value): Value {
  const g = scope.graph;
  const [asking, all] = [sizeAlong(g, ids, 1), sizeAlong(g, mask, 1)]; // [1] each
  const from = add(g, positions(g, asking), sub(g, all, asking)); // [tokens]
  const later = greater(g, unsqueeze(g, positions(g, all), [0]), unsqueeze(g, from, [1])); // [tokens, past+tokens]
  return add(g, mul(g, cast(g, later, g.float), -10_000), unsqueeze(g, paddingBias(scope, mask), [1, 2]));
}

/**
 * Causal multi-head attention, before the residual.
 *
 *     x        [batch, tokens, width]
 *     bias     [batch, 1, tokens, past+tokens], from `causalBias`
 *     past     of the tokens before `x`, if any
 *     output   [batch, tokens, width]
 *     present  keys and values of past and present tokens
 */
export function causalAttention(
  scope: Scope,
  x: Value,
  { bias, past }: { readonly bias: Value; readonly past?: KeysValues | undefined },
  { width, heads, dropout: rate, deviation }: SelfAttentionOptions,
): { readonly output: Value; readonly present: KeysValues } {
  const g = scope.graph;
  const [batch, tokens] = x.shape;
  const headWidth = width / heads;
  // One parameter holds the three projections. It is cut up instead of its product: a cut of the weights is the smaller one to put together again.
  const weight = scope.at('c_attn').parameter('weight', [width, 3 * width], { kind: 'normal', deviation });
  const offset = scope.at('c_attn').parameter('bias', [3 * width], { kind: 'zeros' });
  const [query, ownKey, ownValue] = [0, 1, 2].map((part) => {
    const [start, end] = [part * width, (part + 1) * width];
    const projected = add(g, matMul(g, x, slice(g, weight, { axis: 1, start, end })), slice(g, offset, { axis: 0, start, end }));
    return transpose(g, reshape(g, projected, [batch!, tokens!, heads, headWidth]), [0, 2, 1, 3]); // [batch, heads, tokens, headWidth]
  });
  const key = past ? concat(g, [past.key, ownKey!], 2) : ownKey!; // [batch, heads, past+tokens, headWidth]
  const value = past ? concat(g, [past.value, ownValue!], 2) : ownValue!;
  const scores = add(g, matMul(g, mul(g, query!, 1 / Math.sqrt(headWidth)), transpose(g, key, [0, 1, 3, 2])), bias);
  const weights = dropout(scope, softmax(g, scores), rate); // [batch, heads, tokens, past+tokens]
  const mixed = transpose(g, matMul(g, weights, value), [0, 2, 1, 3]); // [batch, tokens, heads, headWidth]
  return { output: reshape(g, mixed, [batch!, tokens!, width]), present: { key, value } };
}
