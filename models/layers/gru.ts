import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { cast } from '../graph/ops/elementwise.js';
import { gather } from '../graph/ops/indexing.js';
import { concat, reshape, transpose, unsqueeze } from '../graph/ops/layout.js';
import { gru as gruOp } from '../graph/ops/recurrent.js';
import { reduceSum } from '../graph/ops/reduction.js';
import { dropout } from './dropout.js';
import type { Scope } from './scope.js';

export type GruOptions = {
  readonly inputs: number;
  /** Units of each direction. */
  readonly hidden: number;
  readonly layers: number;
  /** Between layers. */
  readonly dropout: number;
};

/**
 * Layers of gated recurrent units in both directions, each text to its own end: what lies beyond is neither read nor given. Weights have the
 * names and the layout of PyTorch's `nn.GRU`.
 *
 *     x                           [batch, tokens, inputs]
 *     mask                        [batch, tokens] int64, 1 for tokens and 0 for the padding that follows them
 *     weight_ih_l0, …_reverse     [3 hidden, inputs], from the second layer on [3 hidden, 2 hidden]; gates in the order r, z, n
 *     weight_hh_l0, …_reverse     [3 hidden, hidden]
 *     bias_ih_l0, bias_hh_l0, …   [3 hidden]
 *     returns                     [batch, tokens, 2 hidden], 0 at padding
 */
export function gru(scope: Scope, x: Value, mask: Value, { inputs, hidden, layers, dropout: rate }: GruOptions): Value {
  const g = scope.graph;
  const [batch, tokens] = x.shape;
  const lengths = cast(g, reduceSum(g, mask, { axes: [1] }), 'int32'); // [batch]
  let given = transpose(g, x, [1, 0, 2]); // [tokens, batch, inputs]
  for (let layer = 0; ; layer++) {
    const weights = layerWeights(scope, layer, { inputs: layer === 0 ? inputs : 2 * hidden, hidden });
    const [y] = gruOp(g, { x: given, ...weights, lengths }, 'bidirectional'); // [tokens, 2, batch, hidden]
    if (layer === layers - 1) return reshape(g, transpose(g, y, [2, 0, 1, 3]), [batch!, tokens!, 2 * hidden]);
    const joined = reshape(g, transpose(g, y, [0, 2, 1, 3]), [tokens!, batch!, 2 * hidden]);
    given = dropout(scope, joined, rate);
  }
}

/** The weights of both directions of a layer, as the op takes them. */
function layerWeights(scope: Scope, layer: number, { inputs, hidden }: { inputs: number; hidden: number }) {
  const g = scope.graph;
  const deviation = 1 / Math.sqrt(3 * hidden); // that of PyTorch's start, uniform within 1 / √hidden
  const both = (write: (suffix: string) => Value): Value =>
    concat(
      g,
      ['', '_reverse'].map((direction) => unsqueeze(g, write(`_l${layer}${direction}`), [0])),
      0,
    );
  const weight = (name: string, width: number): Value =>
    both((suffix) => gatesAsOnnx(g, scope.parameter(`${name}${suffix}`, [3 * hidden, width], { kind: 'normal', deviation }), hidden));
  const bias = (name: string): Value =>
    both((suffix) => gatesAsOnnx(g, scope.parameter(`${name}${suffix}`, [3 * hidden], { kind: 'zeros' }), hidden));
  return {
    weight: weight('weight_ih', inputs), // [2, 3 hidden, inputs]
    recurrence: weight('weight_hh', hidden), // [2, 3 hidden, hidden]
    bias: concat(g, [bias('bias_ih'), bias('bias_hh')], 1), // [2, 6 hidden]
  };
}

/** PyTorch keeps the gates in the order r, z, n; the op takes z, r, n. */
function gatesAsOnnx(g: GraphBuilder, weight: Value, hidden: number): Value {
  const gates = reshape(g, weight, [3, hidden, ...weight.shape.slice(1)]);
  return reshape(g, gather(g, gates, g.constant([1, 0, 2], 'int64')), weight.shape);
}
