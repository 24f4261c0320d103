import { evaluate, type Graph, type Node, sizeOf, tensorOf, type Value } from '../../models/index.js';
import { constantValue, rewrite } from './rewrite.js';

/** Results of more elements than this, and than what they are made of, are left to be computed: a file should not grow by what a node says shorter. */
const mostElements = 1024;

export type FoldOptions = {
  /** Whether a constant may be taken up into another. Default: any may. Of a file whose weights others look up by name, they may not. */
  readonly mayFold?: (constant: Value) => boolean;
};

/** Nodes that read constants alone become constants, computed by the reference in float64. A node whose result would be large stays. */
export function foldConstants(graph: Graph, { mayFold = () => true }: FoldOptions = {}): Graph {
  return rewrite(graph, (node, inputs) => {
    if (inputs.length === 0 || node.op === 'Scan' || !inputs.every((input) => input.constant && mayFold(input))) return undefined;
    const most = Math.max(mostElements, ...inputs.map(({ constant }) => constant!.data.length));
    if (node.outputs.some(({ shape }) => shape.some((dim) => typeof dim !== 'number') || sizeOf(shape as number[]) > most))
      return undefined;
    return folded({ ...node, inputs } as Node);
  });
}

function folded(node: Node): readonly Value[] {
  const results = evaluate({ nodes: [node], inputs: [], outputs: node.outputs }, new Map());
  return node.outputs.map(({ name, type }) => {
    const { dims, data } = results.get(name)!;
    return constantValue(name, tensorOf(type, dims, data));
  });
}
