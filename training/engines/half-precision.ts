/** @file Mixed precision (Micikevicius et al. 2018): matrix products in float16, all else and all weights in float32. */
import type { Graph, Node, Value } from '../../models/index.js';

const products = new Set(['MatMul', 'Gemm']);

/** The same graph with a cast before and after each matrix product. A value that several products read is cast once. */
export function halfPrecision({ nodes, inputs, outputs }: Graph): Graph {
  const halves = new Map<string, Value>();
  const written: Node[] = [];
  const half = (value: Value): Value => {
    const known = halves.get(value.name);
    if (known) return known;
    const result: Value = { name: `${value.name}/half`, shape: value.shape, type: 'float16' };
    written.push(cast(value, result));
    halves.set(value.name, result);
    return result;
  };
  for (const node of nodes) {
    const [output] = node.outputs;
    if (!products.has(node.op) || output!.type !== 'float32') {
      written.push(node);
      continue;
    }
    const narrow: Value = { name: `${output!.name}/half`, shape: output!.shape, type: 'float16' };
    const operands = node.inputs.map(half);
    written.push({ ...node, inputs: operands, outputs: [narrow] } as Node, cast(narrow, output!));
  }
  return { nodes: written, inputs, outputs };
}

const cast = (from: Value, to: Value): Node => ({
  op: 'Cast',
  name: `${to.name}/cast`,
  inputs: [from],
  attributes: { to: to.type },
  outputs: [to],
});
