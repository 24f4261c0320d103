import type { Graph, OpType, Value } from '../../models/index.js';
import type { QuantizeOptions } from './quantize-products.js';
import { constantValue, rewrite } from './rewrite.js';
import { roundWeights } from './round-weights.js';
import { layerOf, leastValues } from './token-products.js';

/**
 * Weights that no integer product or table takes, recurrent ones and those of the head, stored as int8 and made float again: a runtime does that
 * once, when it loads the file. So the file is small, and what is computed with them is computed in float32.
 */
export function narrowWeights(graph: Graph, { keep = () => false }: QuantizeOptions = {}): Graph {
  const widened = new Map<string, Value>();
  return rewrite(graph, ({ op }, inputs, emit) => {
    if (op === 'Scan') return undefined; // its body reads by name
    const reads = inputs.map((input): Value => {
      const { constant, name } = input;
      if (constant?.type !== 'float32' || constant.dims.length < 2 || constant.data.length < leastValues || keep(layerOf(input)))
        return input;
      const known = widened.get(name);
      if (known) return known;
      const { values, scales } = roundWeights(constant, { over: productOps.has(op) ? -2 : -1, most: 127 });
      const floats = emit('Cast', `${name}.float`, [constantValue(`${name}.int8`, values)], { to: 'float32' });
      const made = emit('Mul', `${name}.wide`, [floats, constantValue(`${name}.scale`, scales)], {});
      widened.set(name, made);
      return made;
    });
    return { reads };
  });
}

/** They hold [inputs, outputs]; others hold a row for each output. */
const productOps: ReadonlySet<OpType> = new Set(['MatMul', 'Gemm']);
