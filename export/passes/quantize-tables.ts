import type { Graph, Value } from '../../models/index.js';
import type { QuantizeOptions } from './quantize-products.js';
import { constantValue, rewrite } from './rewrite.js';
import { roundWeights } from './round-weights.js';
import { isLargeMatrix, layerOf } from './token-products.js';

/**
 * Tables that rows are looked up in: rows of int8, and a scale for each.
 *
 *     table[ids]   becomes   float(integers[ids]) · scales[ids]
 */
export function quantizeTables(graph: Graph, { keep = () => false }: QuantizeOptions = {}): Graph {
  const tables = new Map<string, readonly [integers: Value, scales: Value]>();
  return rewrite(graph, (node, [table, ids], emit) => {
    if (node.op !== 'Gather' || node.attributes.axis !== 0 || !isLargeMatrix(table) || keep(layerOf(table))) return undefined;
    const [integers, scales] = tables.get(table.name) ?? rounded(table);
    tables.set(table.name, [integers, scales]);
    const { name } = node.outputs[0]!;
    const rows = emit('Cast', `${name}/float`, [emit('Gather', `${name}/int8`, [integers, ids!], { axis: 0 })], { to: 'float32' });
    return [emit('Mul', name, [rows, emit('Gather', `${name}/scale`, [scales, ids!], { axis: 0 })], {})];
  });
}

function rounded(table: Value): readonly [integers: Value, scales: Value] {
  const { values, scales } = roundWeights(table.constant!, { over: 1, most: 127 });
  return [constantValue(`${table.name}.int8`, values), constantValue(`${table.name}.scale`, scales)];
}
