/** @file Token vectors to one vector a text. */
import type { Value } from '../graph/graph.js';
import { add, cast, div, max, mul, sub, tanh } from '../graph/ops/elementwise.js';
import { concat, slice, squeeze, unsqueeze } from '../graph/ops/layout.js';
import { softmax } from '../graph/ops/normalization.js';
import { reduceSum } from '../graph/ops/reduction.js';
import { linear } from './linear.js';
import type { Scope } from './scope.js';

export type Pooling = 'cls' | 'mean' | 'last-four' | 'attention';
export type PoolingInput = {
  /** States after the embeddings and after each layer, [batch, tokens, width] each. */
  readonly states: readonly Value[];
  /** [batch, tokens] int64: 1 for tokens, 0 for padding. */
  readonly mask: Value;
  readonly width: number;
  readonly deviation: number;
  /** Where the weights of the encoder lie. Default `bert`. */
  readonly model?: string;
};

/** The poolings, by name. Each gives [batch, pooledWidth]. */
export const poolings: { readonly [P in Pooling]: (scope: Scope, input: PoolingInput) => Value } = {
  /** BERT's own: a linear layer and tanh over the first token. */
  cls: (scope, { states, width, deviation, model = 'bert' }) =>
    tanh(
      scope.graph,
      linear(scope.at(model).at('pooler').at('dense'), firstToken(scope, states.at(-1)!), { inputs: width, outputs: width, deviation }),
    ),
  /** The mean over tokens, padding left out. */
  mean: (scope, { states, mask }) => {
    const g = scope.graph;
    const weights = unsqueeze(g, cast(g, mask, g.float), [2]); // [batch, tokens, 1]
    const sum = reduceSum(g, mul(g, states.at(-1)!, weights), { axes: [1] }); // [batch, width]
    return div(g, sum, max(g, reduceSum(g, weights, { axes: [1] }), 1e-9)); // [batch, width]
  },
  /** The first token's vectors of the last four layers, last layer first. */
  'last-four': (scope, { states }) =>
    concat(
      scope.graph,
      [1, 2, 3, 4].map((k) => firstToken(scope, states.at(-k)!)),
      -1,
    ),
  /** A learned softmax over tokens, padding left out. */
  attention: (scope, { states, mask, width, deviation }) => {
    const g = scope.graph;
    const h = states.at(-1)!;
    const scores = squeeze(g, linear(scope.at('attention_pool'), h, { inputs: width, outputs: 1, deviation }), [2]); // [batch, tokens]
    const weights = softmax(g, add(g, scores, paddingBias(scope, mask))); // [batch, tokens]
    return reduceSum(g, mul(g, h, unsqueeze(g, weights, [2])), { axes: [1] }); // [batch, width]
  },
};

export const pooledWidth = (pooling: Pooling, width: number): number => (pooling === 'last-four' ? 4 * width : width);

/** 0 where `mask` is 1 and -10000 where it is 0: enough for a softmax to give exactly 0, and within float16. Same shape as `mask`. */
export function paddingBias(scope: Scope, mask: Value): Value {
  const g = scope.graph;
  return mul(g, sub(g, 1, cast(g, mask, g.float)), -10_000);
}

/** The padding's bias as attention adds it to its scores: [batch, tokens] to [batch, 1, 1, tokens]. */
export const attentionBias = (scope: Scope, mask: Value): Value => unsqueeze(scope.graph, paddingBias(scope, mask), [1, 2]);

/** [batch, tokens, width] to [batch, width]. */
export const firstToken = (scope: Scope, states: Value): Value =>
  squeeze(scope.graph, slice(scope.graph, states, { axis: 1, start: 0, end: 1 }), [1]);
